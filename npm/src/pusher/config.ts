/** The settings of a client, as pusher-js shows them: `pusher.config`. */
import type { LazyAuthorizer } from '../auth/lazy-authorizer.js';
import { messageOf } from '../common/errors.js';
import type { AuthReply, EngineConfig, UserReply } from '../engine/port.js';
import type {
  AuthCallback,
  ChannelAuth,
  ChannelAuthorizationHandler,
  TransportName,
  UserAuth,
  UserAuthenticationHandler,
} from '../options/echo-options.js';
import type { PusherOptions } from '../options/pusher-options.js';
import { HTTPAuthError } from './errors.js';

/** Settings with their defaults. Without an engine (on a server, with the broadcaster `null`) there is no address. */
export interface Config {
  activityTimeout: number;
  pongTimeout: number;
  unavailableTimeout: number;
  cluster?: string;
  /** Statistics are never sent. */
  enableStats: false;
  enabledTransports?: TransportName[];
  disabledTransports?: TransportName[];
  useTLS: boolean;
  wsHost?: string;
  wsPath?: string;
  wsPort?: number;
  wssPort?: number;
  /** Gets the signature for a channel. */
  channelAuthorizer: ChannelAuthorizationHandler;
  /** Gets the signature for the user. */
  userAuthenticator: UserAuthenticationHandler;
}

/** pusher-js's defaults, in milliseconds; the engine has the same. */
const TIMES = { activityTimeout: 120_000, pongTimeout: 30_000, unavailableTimeout: 10_000 };

/** The settings of a client that was given these options. */
export function configOf(
  options: PusherOptions,
  engine: EngineConfig | undefined,
  authorizer: LazyAuthorizer | undefined,
): Config {
  const { activityTimeout, pongTimeout, unavailableTimeout, cluster } = options;
  const { enabledTransports, disabledTransports } = options;
  return {
    activityTimeout: activityTimeout ?? TIMES.activityTimeout,
    pongTimeout: pongTimeout ?? TIMES.pongTimeout,
    unavailableTimeout: unavailableTimeout ?? TIMES.unavailableTimeout,
    cluster,
    enableStats: false,
    enabledTransports,
    disabledTransports,
    useTLS: engine?.tls === true,
    wsHost: engine?.host,
    wsPath: engine?.path,
    wsPort: engine?.wsPort,
    wssPort: engine?.wssPort,
    channelAuthorizer: ({ channelName, socketId }, callback) =>
      tell(authorizer?.authorize(channelName, socketId), callback, ({ auth, channelData, sharedSecret }) => ({
        auth,
        ...(channelData === undefined ? {} : { channel_data: channelData }),
        ...(sharedSecret === undefined ? {} : { shared_secret: sharedSecret }),
      })),
    userAuthenticator: ({ socketId }, callback) =>
      tell(authorizer?.authenticate(socketId), callback, ({ auth, userData }) => ({
        auth,
        user_data: userData,
      })),
  };
}

type Granted<Reply> = Extract<Reply, { ok: true }>;

/** Hands a reply to a callback in pusher-js's form. */
async function tell<Reply extends AuthReply | UserReply, Data>(
  asked: Promise<Reply> | undefined,
  callback: AuthCallback<Data>,
  shape: (reply: Granted<Reply>) => Data,
): Promise<void> {
  const reply = await asked;
  if (reply === undefined) callback(new HTTPAuthError(undefined, 'Nothing is connected here.'));
  else if (reply.ok) callback(null, shape(reply as Granted<Reply>));
  else callback(new HTTPAuthError(reply.status, reply.message, reply.retryAfter));
}

/** Calls a function of the application for a signature; where it throws or rejects, that is its answer. */
export function ask<Data>(
  start: (callback: AuthCallback<Data>) => unknown,
  callback: AuthCallback<Data>,
): void {
  try {
    Promise.resolve(start(callback)).catch((error) => callback(error || 'it rejected'));
  } catch (error) {
    callback(error);
  }
}

/** The engine's form of what a callback was called with. */
export function channelReply(error: unknown, data: ChannelAuth | null | undefined): AuthReply {
  if (error) return refusal(error);
  // what is missing, the engine says
  const { auth, channel_data: channelData, shared_secret: sharedSecret } = Object(data) as ChannelAuth;
  return { ok: true, auth, channelData: channelData ?? undefined, sharedSecret };
}

/** The same, for the user. */
export function userReply(error: unknown, data: UserAuth | null | undefined): UserReply {
  if (error) return refusal(error);
  const { auth, user_data: userData } = Object(data) as UserAuth;
  return { ok: true, auth, userData };
}

function refusal(error: unknown) {
  const { status, retryAfter } = Object(error) as Partial<HTTPAuthError>;
  return { ok: false, status, message: messageOf(error), retryAfter } as const;
}
