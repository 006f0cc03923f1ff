import type { EchoOptions } from '../options/echo-options.js';
import { Connector } from './connector.js';

/** The connector of the broadcaster `null`: always connected, and nothing is sent or heard. */
export class NullConnector extends Connector {
  constructor(options: EchoOptions) {
    super({ ...options, broadcaster: 'null' });
  }
}
