import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Pusher from 'pusher';
import { freePort } from './free-port.js';
import { type Running, start } from './program.js';
import { repository } from './repository.js';

/** The application that every test server knows. */
export const APP = {
  id: '1001',
  key: 'shop-key',
  secret: 'shop-secret',
  /** Of its encrypted channels. */
  masterKey: Buffer.alloc(32, 7).toString('base64'),
} as const;

export interface Server extends Running {
  readonly port: number;
  /** Pusher's own SDK, pointed at the server. */
  readonly sdk: Pusher;
  /** Starts it again on the same port. */
  restart(): Promise<void>;
}

/** The `echolite` program that cargo built. */
export function serverProgram(): string {
  const program = process.env.ECHOLITE_SERVER ?? repository('target/debug/echolite');
  if (!existsSync(program)) {
    throw new Error(`${program} is missing; \`cargo build -p echolite-server\` makes it`);
  }
  return program;
}

/**
 * Starts the real server as somebody who comes from Reverb does: by `REVERB_*`, which win over `config`, the text of
 * an `echolite.toml`.
 */
export async function startServer(
  env: Record<string, string> = {},
  wanted?: number,
  config = '',
): Promise<Server> {
  const port = wanted ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'echolite-server-'));
  const file = join(folder, 'echolite.toml');
  await writeFile(file, config);
  const options = {
    arguments: ['start', '--config', file],
    port,
    env: {
      REVERB_APP_ID: APP.id,
      REVERB_APP_KEY: APP.key,
      REVERB_APP_SECRET: APP.secret,
      REVERB_SERVER_HOST: '127.0.0.1',
      REVERB_SERVER_PORT: String(port),
      ...env,
    },
  };
  let running = await start(serverProgram(), options);
  return {
    port,
    sdk: sdk(port),
    get pid() {
      return running.pid;
    },
    output: () => running.output(),
    async stop(signal) {
      await running.stop(signal);
      await rm(folder, { recursive: true, force: true });
    },
    async restart() {
      await running.stop();
      running = await start(serverProgram(), options);
    },
  };
}

function sdk(port: number, app: { id: string; key: string; secret: string } = APP): Pusher {
  return new Pusher({
    appId: app.id,
    key: app.key,
    secret: app.secret,
    host: '127.0.0.1',
    port: String(port),
    useTLS: false,
    encryptionMasterKeyBase64: APP.masterKey,
  });
}
