/** The types of laravel-echo's broadcasters, for code that names them. */
import type { ConnectorClass, EchoOptions } from '../options/echo-options.js';
import type { Channel } from './channel.js';
import type { Connector } from './connector.js';
import type { NullConnector } from './null-connector.js';
import type { PresenceChannel } from './presence-channel.js';
import type { PrivateChannel } from './private-channel.js';

/** The names of laravel-echo's broadcasters. Those that are not `reverb`, `pusher` or `null` are refused. */
export type BroadcastDriver = 'reverb' | 'pusher' | 'ably' | 'socket.io' | 'null';

interface Classes<Driver extends string, Connectors = Connector> {
  connector: Connectors;
  public: Channel;
  private: PrivateChannel;
  encrypted: PrivateChannel;
  presence: PresenceChannel;
  options: EchoOptions<Driver>;
}

/** By broadcaster, its classes. */
export type Broadcaster = {
  [Driver in Exclude<BroadcastDriver, 'null'>]: Classes<Driver>;
} & {
  null: Classes<'null', NullConnector>;
  function: Classes<never, InstanceType<ConnectorClass>>;
};
