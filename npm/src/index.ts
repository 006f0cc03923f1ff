/**
 * Echolite: laravel-echo's API on an engine in WebAssembly, and a durable cache of lists that broadcast
 * events keep right.
 */

export { createCache } from './cache.js';
export {
  type AnyEvents,
  Channel,
  type Handler,
  type Listener,
  type SubscriptionError,
} from './channel.js';
export { type ConnectionStatus, Connector } from './connector.js';
export type { Callback, GlobalCallback, Metadata } from './dispatcher.js';
export { default, default as Echo, type EventsOf } from './echo.js';
export { EventFormatter } from './event-formatter.js';
export { fromEnv } from './from-env.js';
export { type AxiosConfig, type AxiosLike, axiosSocketId, withSocketId } from './interceptors.js';
export { type Member, Members } from './members.js';
export type * from './options.js';
export type { Command, EngineConfig, EngineEvent, Port } from './port.js';
export { PresenceChannel } from './presence-channel.js';
export { PrivateChannel } from './private-channel.js';
export { Pusher } from './pusher.js';
export { PusherChannel } from './pusher-channel.js';
export { PusherConnection } from './pusher-connection.js';
export { PusherPresenceChannel } from './pusher-presence-channel.js';
export { PusherUser, type UserData, type WatchlistEvent } from './pusher-user.js';
export type * from './types.js';
