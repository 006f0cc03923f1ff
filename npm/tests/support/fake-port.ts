import type { Command, EngineConfig, EngineEvent, Port } from '../../src/engine/port.js';

/** A port whose engine is the test. */
export class FakePort implements Port {
  onevent: (...event: EngineEvent) => void = () => {};
  readonly posted: Command[] = [];
  closed = false;

  constructor(readonly config: EngineConfig) {}

  post(...command: Command): void {
    this.posted.push(command);
  }

  close(): void {
    this.closed = true;
  }

  /** The commands of this name. */
  named<Name extends Command[0]>(name: Name): Extract<Command, [Name, ...unknown[]]>[] {
    return this.posted.filter((command) => command[0] === name) as never;
  }
}

/** A factory for the option `port` that remembers what it made. */
export function fakePorts(): { port: (config: EngineConfig) => FakePort; made: FakePort[] } {
  const made: FakePort[] = [];
  const port = (config: EngineConfig) => {
    const fake = new FakePort(config);
    made.push(fake);
    return fake;
  };
  return { port, made };
}

/** The first port made. */
export function only(made: FakePort[]): FakePort {
  const [port] = made;
  if (port === undefined || made.length > 1) throw new Error(`expected one port, got ${made.length}`);
  return port;
}
