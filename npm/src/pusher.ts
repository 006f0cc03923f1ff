/**
 * pusher-js's class on Echolite's engine: `import Pusher from 'echolite/pusher'`, for laravel-echo itself, for the hook
 * packages, and for whoever uses pusher-js without an Echo.
 */

export type {
  AuthCallback as AuthorizerCallback,
  AuthCallback as ChannelAuthorizationCallback,
  AuthorizerGenerator,
  AuthorizerGenerator as ChannelAuthorizerGenerator,
  ChannelAuthOptions as AuthOptions,
  ChannelAuthOptions as DeprecatedAuthOptions,
  ChannelAuthorizationHandler,
  ChannelAuthorizationOptions,
  ChannelAuthorizer as Authorizer,
  UserAuthenticationCallback,
  UserAuthenticationHandler,
  UserAuthenticationOptions,
} from './options/echo-options.js';
export type { ClusterOptions, PusherOptions as Options } from './options/pusher-options.js';
export { PusherChannel as Channel, PusherPresenceChannel as PresenceChannel } from './pusher/channels.js';
export { PusherConnection as ConnectionManager } from './pusher/connection.js';
export type { PusherEvent } from './pusher/event.js';
export { Members } from './pusher/members.js';
export { Pusher, Pusher as default } from './pusher/pusher.js';
