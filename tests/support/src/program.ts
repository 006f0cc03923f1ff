import { type ChildProcess, spawn } from 'node:child_process';
import { createConnection } from 'node:net';
import { until } from './until.js';

export interface Running {
  readonly pid: number;
  /** What it has written so far. */
  output(): string;
  /** Ends it, and waits until it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface StartOptions {
  arguments?: string[];
  /** Added to the environment; `undefined` removes. */
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** It is ready when this port of the loopback interface takes connections. */
  port: number;
}

/** Starts a program and waits until it listens. What it prints is kept for error messages. */
export async function start(program: string, options: StartOptions): Promise<Running> {
  const env = { ...process.env, ...options.env };
  const child = spawn(program, options.arguments ?? [], {
    cwd: options.cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  let failure: string | undefined;
  child.once('error', (error) => (failure = error.message));
  child.once('exit', (code, signal) => (failure ??= `it ended with ${code ?? signal}`));
  const running = {
    pid: child.pid ?? -1,
    output: () => output,
    stop: (signal: NodeJS.Signals = 'SIGTERM') => stop(child, signal),
  };
  const listening = async () => {
    if (failure) throw new Error(`${program}: ${failure}\n${output}`);
    return accepts(options.port);
  };
  try {
    await until(`${program} to listen on port ${options.port}`, listening);
  } catch (error) {
    await running.stop('SIGKILL');
    throw new Error(`${(error as Error).message}\n${output}`);
  }
  return running;
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  if (ended() || child.pid === undefined) return;
  child.kill(signal);
  try {
    await until(`process ${child.pid} to end`, ended, 5_000);
  } catch {
    child.kill('SIGKILL');
    await until(`process ${child.pid} to be killed`, ended, 5_000);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
