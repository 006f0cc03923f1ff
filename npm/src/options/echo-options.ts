/** The options of laravel-echo and pusher-js that Echolite knows. */
import type { ConnectionTimes, EngineConfig, Port } from '../engine/port.js';

export type HeaderMap = Record<string, string>;

/** The answer of an authoriser for one channel. */
export interface ChannelAuth {
  auth: string;
  /** The member who joins, signed: of presence channels. */
  channel_data?: string;
  /** The key of an encrypted channel, in base64. */
  shared_secret?: string;
}

/** The answer of an authenticator for the user. */
export interface UserAuth {
  auth: string;
  /** JSON, signed; its `id` is a text. */
  user_data: string;
}

export type UserAuthenticationCallback = AuthCallback<UserAuth>;

export type AuthCallback<Data = ChannelAuth> = (error: unknown, data?: Data | null) => void;

/** pusher-js's way to authorise by a function. */
export type ChannelAuthorizationHandler = (
  params: { socketId: string; channelName: string },
  callback: AuthCallback,
) => void;

/** Gets the signature of one channel, for a socket. */
export interface ChannelAuthorizer {
  authorize(socketId: string, callback: AuthCallback): void;
}

/** pusher-js's older way to authorise by a function. */
export type AuthorizerGenerator = (
  channel: { name: string },
  options: AuthorizerOptions,
) => ChannelAuthorizer;

/** Second argument of an `authorizer` function. */
export interface AuthorizerOptions {
  authTransport: 'ajax';
  authEndpoint: string;
  auth: { headers?: HeaderMap; params?: Record<string, string> };
}

/** pusher-js's way to sign in by a function. */
export type UserAuthenticationHandler = (
  params: { socketId: string },
  callback: UserAuthenticationCallback,
) => void;

/** Parts of a request for a signature. */
export interface AuthRequestOptions {
  /** JSONP is not supported. */
  transport?: 'ajax';
  endpoint?: string;
  headers?: HeaderMap;
  params?: Record<string, string>;
  /** Asked before each request. */
  headersProvider?: () => HeaderMap;
  paramsProvider?: () => Record<string, string>;
}

export interface ChannelAuthorizationOptions extends AuthRequestOptions {
  customHandler?: ChannelAuthorizationHandler;
}

export interface UserAuthenticationOptions extends AuthRequestOptions {
  customHandler?: UserAuthenticationHandler;
}

/** Parts of a request to `authEndpoint`. */
export interface ChannelAuthOptions {
  headers?: HeaderMap;
  params?: Record<string, string>;
  /**
   * Asks for many channels in one request: `{"socket_id", "channels": […]}`, answered by `{"channels": {…}}`. The routes
   * of Echolite's `Channels` take it; an endpoint that does not is asked for one channel at a time. Default: false.
   */
  batch?: boolean;
}

export type TransportName = 'ws' | 'wss' | 'xhr_streaming' | 'xhr_polling' | 'sockjs';

/** The server's address, and the ways to reach it. */
export interface ConnectionOptions extends ConnectionTimes {
  /** The application key. */
  key?: string | null;
  /** Host of the server. Default: the page's own (`reverb`), `ws-{cluster}.pusher.com` (`pusher`). */
  wsHost?: string;
  /** The same as `wsHost`; may be a whole URL. */
  host?: string | null;
  /** Default: 80. */
  wsPort?: number | string;
  /** Default: 443. */
  wssPort?: number | string;
  /** Path in front of `/app/{key}`. */
  wsPath?: string;
  /** Use TLS. Default: true; a page on `https` always does. */
  forceTLS?: boolean;
  /** The older name of `forceTLS`. */
  encrypted?: boolean;
  /** Pusher's cluster. */
  cluster?: string;
  enabledTransports?: TransportName[];
  disabledTransports?: TransportName[];
  /**
   * Hear what was missed while there was no connection: in order, once, before anything live, with `recovered: true`
   * in the metadata. It takes an Echolite server that keeps history of the channel; of any other nothing is asked.
   * Default: false, as a missed event is gone with laravel-echo; of a cache, which is kept right by it: true.
   */
  recover?: boolean;
  /** Address of Echo's WebAssembly module (`echolite/dist/wasm/echo_bg.wasm`), if the bundler does not find it by itself. */
  wasmUrl?: string | URL;
  /** Makes the port to an engine; for tests. */
  port?: (config: EngineConfig) => Port;
}

/** Authorisation of channels, and authentication of users. */
export interface AuthOptions {
  /** Kept by reference: headers changed later are sent from then on. */
  auth?: ChannelAuthOptions;
  /** Default: `/broadcasting/auth`. */
  authEndpoint?: string;
  /** JSONP is not supported. */
  authTransport?: 'ajax';
  authorizer?: AuthorizerGenerator;
  channelAuthorization?: ChannelAuthorizationOptions;
  /** The request of `signin()`. Default endpoint: `/broadcasting/user-auth`. */
  userAuthentication?: UserAuthenticationOptions;
  /** Used where `window.Laravel.csrfToken` is not set; else the page's `<meta name="csrf-token">`. */
  csrfToken?: string | null;
  /** Sent as `Authorization: Bearer …`. */
  bearerToken?: string | null;
  /** In front of event names without a leading dot. Default: `App.Events`; `false` for none. */
  namespace?: string | false;
}

/** A connector class of an application's own, as laravel-echo allows. */
export type ConnectorClass = new (options: EchoOptions) => object;

/** The shape of a client's class: declared as a class, whose parameters other classes may have more narrow. */
declare class AnyClient {
  constructor(key: string, options: object);
}

/** The class of a client, as `typeof Pusher` of pusher-js or of `echolite/pusher`. */
export type ClientClass = typeof AnyClient;

/** The options of an Echo; `EchoOptions<'reverb'>`, as laravel-echo writes it, are those of one broadcaster. */
export interface EchoOptions<Driver extends string = 'reverb' | 'pusher' | 'null'>
  extends ConnectionOptions,
    AuthOptions {
  broadcaster: Driver | ConnectorClass;
  /** A client that is there already: its connection and its ways to authorise are used. */
  client?: object;
  /** The class of the client to be made. Default: Echolite's own. */
  Pusher?: ClientClass;
  /**
   * Other origins that are told this tab's socket id, so that `toOthers()` works there: `['https://api.example.com']`. Only
   * the page's own origin is told otherwise.
   */
  socketIdOrigins?: readonly string[];
  /** Leave axios, jQuery, Vue resource and Turbo alone. */
  withoutInterceptors?: boolean;
  /** Options that Echolite does not know are kept. */
  [option: string]: unknown;
}

/** Options with laravel-echo's defaults filled in. */
export type FilledOptions = EchoOptions & {
  auth: ChannelAuthOptions & { headers: HeaderMap };
  authEndpoint: string;
  userAuthentication: UserAuthenticationOptions & { endpoint: string; headers: HeaderMap };
  namespace: string | false;
};
