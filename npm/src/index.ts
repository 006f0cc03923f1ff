/**
 * Echolite: laravel-echo's API on an engine in WebAssembly, and a durable cache of lists that broadcast
 * events keep right.
 */

export { createCache } from './cache/cache.js';
export type * from './cache/resource-options.js';
export type * from './cache/types.js';
export { EventFormatter } from './common/event-formatter.js';
export type { BroadcastDriver, Broadcaster } from './echo/broadcaster.js';
export {
  type AnyEvents,
  Channel,
  type Handler,
  type Listener,
  type SubscriptionError,
} from './echo/channel.js';
export { type ConnectionStatus, Connector } from './echo/connector.js';
export { default, default as Echo, type EventsOf } from './echo/echo.js';
export {
  type AxiosConfig,
  type AxiosLike,
  axiosSocketId,
  socketIdHeaders,
  withSocketId,
} from './echo/interceptors.js';
export { NullConnector } from './echo/null-connector.js';
export { PresenceChannel } from './echo/presence-channel.js';
export { PrivateChannel } from './echo/private-channel.js';
export type { Command, EngineConfig, EngineEvent, Port } from './engine/port.js';
export type * from './options/cache-options.js';
export type * from './options/echo-options.js';
export { fromEnv } from './options/from-env.js';
export type { ClusterOptions, PusherOptions } from './options/pusher-options.js';
export {
  PusherChannel,
  PusherEncryptedChannel,
  PusherPresenceChannel,
  PusherPrivateChannel,
} from './pusher/channels.js';
export { PusherConnection } from './pusher/connection.js';
export type { Callback, GlobalCallback, Metadata } from './pusher/dispatcher.js';
export { type Member, Members } from './pusher/members.js';
export { Pusher } from './pusher/pusher.js';
export { PusherUser, type UserData, type WatchlistEvent } from './pusher/user.js';
