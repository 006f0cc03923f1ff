import { shown } from '../common/console.js';
import { messageOf } from '../common/errors.js';
import { COMMON_FIXES, fixFor } from '../common/http.js';
import { isObject, jsonObject } from '../common/json.js';
import type { AuthReply, UserReply } from '../engine/port.js';
import type {
  AuthCallback,
  AuthOptions,
  AuthRequestOptions,
  ChannelAuth,
  HeaderMap,
  UserAuth,
} from '../options/echo-options.js';
import { AuthBatch, type BatchReply } from './auth-batch.js';
import { refreshCsrf } from './csrf.js';
import { askBackEnd, askFunction, failure, type Refusal, type ReplyParser } from './signature.js';

const CHANNEL_FIXES: Readonly<Record<number, string>> = {
  ...COMMON_FIXES,
  403: "the channel's callback in routes/channels.php refused this user, or no channel there matches the name",
  404: 'there is no such route; run `php artisan install:broadcasting`, or set `authEndpoint`',
  405: 'the route does not take POST; set `authEndpoint`',
};

const USER_FIXES: Readonly<Record<number, string>> = {
  ...COMMON_FIXES,
  403: 'nobody is signed in, or `Broadcast::resolveAuthenticatedUserUsing` is not called in a service provider',
  404: 'there is no such route; call `Broadcast::userRoutes()`, or set `userAuthentication.endpoint`',
  405: 'the route does not take POST; set `userAuthentication.endpoint`',
};

/** Gets signatures for channels, and for the user who signs in. */
export class Authorizer {
  private batch = new AuthBatch({
    one: (channel, socketId) => this.askForOne(channel, socketId),
    many: (channels, socketId) => this.askForMany(channels, socketId),
    parseEntry: (channel, entry) => entryReply(channel, entry, this.endpoint()),
  });

  constructor(
    private options: AuthOptions,
    private channelOf: (name: string) => { name: string } | undefined = () => undefined,
  ) {}

  /** Never rejects: the reply says what went wrong, with the fix where it is known. */
  async authorize(channelName: string, socketId: string): Promise<AuthReply> {
    try {
      const custom = this.custom(channelName, socketId);
      const who = `${channelName}: the authorizer function`;
      if (custom) return await askFunction(who, custom, parserOf(channelName));
    } catch (error) {
      return failure(`${channelName}: ${messageOf(error)}`, error);
    }
    if (this.options.auth?.batch === true) return this.batch.authorize(channelName, socketId);
    return this.askForOne(channelName, socketId);
  }

  private async askForOne(channelName: string, socketId: string): Promise<AuthReply> {
    try {
      const params = this.params();
      return await askBackEnd({
        ...this.channelRequest(),
        subject: channelName,
        body: new URLSearchParams({ socket_id: socketId, channel_name: channelName, ...params }),
        parse: parserOf(channelName),
      });
    } catch (error) {
      return { ok: false, message: `${channelName}: ${messageOf(error)}` };
    }
  }

  private async askForMany(channels: string[], socketId: string): Promise<BatchReply> {
    const subject = `${channels.length} channels`;
    try {
      const common = this.channelRequest();
      return await askBackEnd({
        ...common,
        subject,
        body: JSON.stringify({ ...this.params(), socket_id: socketId, channels }),
        headers: { ...common.headers, 'Content-Type': 'application/json' },
        parse: batchReply,
      });
    } catch (error) {
      return { ok: false, message: `${subject}: ${messageOf(error)}` };
    }
  }

  /** The parts that requests for channels have in common. */
  private channelRequest() {
    const { channelAuthorization: own, auth } = this.options;
    refreshCsrf(this.options);
    const headers = { ...fieldsOf('auth.headers', auth?.headers), ...headersOf(own) };
    return { endpoint: this.endpoint(), option: 'authEndpoint', headers, fixes: CHANNEL_FIXES };
  }

  private endpoint(): string {
    return this.options.channelAuthorization?.endpoint ?? this.options.authEndpoint ?? '/pusher/auth';
  }

  private params(): Record<string, string> {
    const { channelAuthorization: own, auth } = this.options;
    return paramsOf(own ?? { params: auth?.params });
  }

  /** Asks who the user is. Never rejects, either. */
  async authenticate(socketId: string): Promise<UserReply> {
    const own = this.options.userAuthentication ?? {};
    const handler = own.customHandler;
    try {
      if (handler) {
        const ask = (callback: AuthCallback<UserAuth>) => handler({ socketId }, callback);
        return await askFunction('userAuthentication.customHandler', ask, userReply);
      }
      refreshCsrf(this.options);
      return await askBackEnd({
        endpoint: own.endpoint ?? '/pusher/user-auth',
        subject: 'the user',
        option: 'userAuthentication.endpoint',
        body: new URLSearchParams({ socket_id: socketId, ...paramsOf(own) }),
        headers: headersOf(own),
        fixes: USER_FIXES,
        parse: userReply,
      });
    } catch (error) {
      return failure(`Signing in: ${messageOf(error)}`, error);
    }
  }

  /** The application's own function, in either of pusher-js's two forms. */
  private custom(channelName: string, socketId: string): ((callback: AuthCallback) => void) | undefined {
    const { channelAuthorization, authorizer, auth = {} } = this.options;
    const handler = channelAuthorization?.customHandler;
    if (handler) return (callback) => handler({ socketId, channelName }, callback);
    if (!authorizer || channelAuthorization) return undefined;
    const options = { authTransport: 'ajax', authEndpoint: this.endpoint(), auth } as const;
    const channel = this.channelOf(channelName) ?? { name: channelName };
    return (callback) => authorizer(channel, options).authorize(socketId, callback);
  }
}

function paramsOf({ params, paramsProvider }: AuthRequestOptions): Record<string, string> {
  const provided = fieldsOf('paramsProvider', paramsProvider?.());
  const all = Object.entries({ ...fieldsOf('params', params), ...provided });
  return Object.fromEntries(all.map(([name, value]) => [name, String(value)]));
}

function headersOf(own: AuthRequestOptions | undefined): HeaderMap {
  const provided = fieldsOf('headersProvider', own?.headersProvider?.());
  return { ...fieldsOf('headers', own?.headers), ...provided };
}

/** The fields of an object, or the pairs of a `Headers`, `URLSearchParams` or `Map`, which have no fields. */
function fieldsOf(option: string, given: unknown): HeaderMap {
  if (given === undefined || given === null) return {};
  if (!isObject(given) || given instanceof Promise) {
    const found = given instanceof Promise ? 'a promise' : shown(given);
    throw new Error(`\`${option}\` gave ${found}; expected an object, such as { name: 'value' }`);
  }
  const pairs = Symbol.iterator in given ? Object.fromEntries(given as Iterable<[string, string]>) : {};
  return { ...pairs, ...(given as HeaderMap) };
}

function parserOf(channel: string): ReplyParser<AuthReply> {
  return (data, said, status) => channelReply(channel, data, said, status);
}

/** Parses the answer for several channels. */
function batchReply(data: unknown, said: string, status?: number): BatchReply {
  const { channels } = Object(data) as { channels?: unknown };
  if (typeof channels === 'object' && channels !== null) {
    return { ok: true, channels: channels as Record<string, unknown> };
  }
  return refusal(`${said} gave no \`channels\`; expected {"channels":{"private-a":{"auth":"…"}}}`, status);
}

/** Parses the entry of one channel in the answer for several: its authorisation, or status and error. */
function entryReply(channel: string, entry: unknown, endpoint: string): AuthReply {
  const { status, error } = Object(entry) as { status?: unknown; error?: unknown };
  if (typeof status !== 'number')
    return channelReply(channel, entry, `${endpoint}, asked for ${channel},`, 200);
  const said = `${endpoint} answered ${status} for ${channel}`;
  const own = typeof error === 'string' && error !== '' ? `: ${error}` : '';
  return refusal(said + (own || fixFor(status, CHANNEL_FIXES)), status);
}

function channelReply(channel: string, data: unknown, said: string, status?: number): AuthReply {
  const { auth, channel_data, shared_secret } = (data ?? {}) as Partial<ChannelAuth>;
  if (typeof auth !== 'string')
    return refusal(`${said} gave no \`auth\`; expected {"auth":"key:signature"}`, status);
  if (channel_data !== undefined && channel_data !== null && typeof channel_data !== 'string') {
    const expected = 'expected the JSON text that was signed';
    return refusal(
      `${said} gave a \`channel_data\` of type ${typeof channel_data}; ${expected}`,
      status ?? 200,
    );
  }
  if (channel.startsWith('private-encrypted-') && !shared_secret) {
    const fix =
      'set `encryption_master_key_base64` among the `options` of the connection in config/broadcasting.php';
    return refusal(
      `${said} gave no \`shared_secret\`, the key of an encrypted channel; ${fix}`,
      status ?? 200,
    );
  }
  return {
    ok: true,
    auth,
    ...(typeof channel_data === 'string' ? { channelData: channel_data } : {}),
    ...(shared_secret === undefined ? {} : { sharedSecret: shared_secret }),
  };
}

function userReply(data: unknown, said: string, status?: number): UserReply {
  const { auth, user_data } = (data ?? {}) as Partial<UserAuth>;
  if (typeof auth !== 'string' || typeof user_data !== 'string') {
    const expected = '{"auth":"key:signature","user_data":"{\\"id\\":\\"7\\"}"}';
    return refusal(`${said} gave no \`auth\` or no \`user_data\`; expected ${expected}`, status);
  }
  const { id } = jsonObject(user_data);
  if (typeof id === 'string' && id !== '') return { ok: true, auth, userData: user_data };
  const fix = 'expected a text that is not empty: `(string) $user->id` in resolveAuthenticatedUserUsing';
  return refusal(`${said}; the \`id\` in its \`user_data\` is ${JSON.stringify(id)}, ${fix}`, status ?? 200);
}

function refusal(message: string, status: number | undefined): Refusal {
  return { ok: false, message, ...(status === undefined ? {} : { status }) };
}
