import type { ConnectionOptions } from '../options/echo-options.js';
import { DirectPort } from './direct-port.js';
import { dispatcher, type EventHandlers } from './event-handlers.js';
import { NoopPort } from './noop-port.js';
import { watchPage } from './page-lifecycle.js';
import type { Command, EngineConfig, Port } from './port.js';
import type { ModuleSource } from './wasm-module.js';

/** A port in use: its events go to their handlers, and the page's signals to the engine. */
export interface OpenPort<Known extends Command> {
  post(...command: Known): void;
  close(): void;
}

/** How a port is made: by the option `port`, or to an engine of this module in the page's own thread. */
export interface PortOptions extends Pick<ConnectionOptions, 'port' | 'wasmUrl'> {
  module: ModuleSource;
  /** Whether the engine holds a scope, to be released while the page is in the back/forward cache. */
  hasScope?: boolean;
  /** Resolves when the engine may start. */
  after?: Promise<unknown>;
}

/** Opens the port to a new engine; without `config`, one behind which nothing happens. */
export function openPort<Known extends Command>(
  config: EngineConfig | undefined,
  options: PortOptions,
  handlers: EventHandlers,
): OpenPort<Known> {
  const port = config === undefined ? new NoopPort() : makePort(config, options);
  port.onevent = dispatcher(handlers);
  const unwatch = watchPage(port, options.hasScope === true);
  return {
    post: (...command) => port.post(...command),
    close: () => {
      unwatch();
      port.close();
    },
  };
}

function makePort(config: EngineConfig, options: PortOptions): Port {
  return options.port?.(config) ?? new DirectPort(config, options.module, options.wasmUrl, options.after);
}
