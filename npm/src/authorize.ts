import { refreshCsrf } from './csrf.js';
import { messageOf } from './environment.js';
import { COMMON_FIXES, deadline, fixFor, isHtml, redirectedTo, retryAfter } from './http.js';
import type { AuthCallback, ChannelAuth, FilledOptions, HeaderMap } from './options.js';
import type { AuthReply } from './port.js';

const TIMEOUT = 30_000;

/** What to do about an answer, by its status. */
const FIXES: Record<number, string> = {
  ...COMMON_FIXES,
  403: "the channel's callback in routes/channels.php refused this user, or no channel there matches the name",
  404: 'there is no such route; run `php artisan install:broadcasting`, or set `authEndpoint`',
  405: 'the route does not take POST; set `authEndpoint`',
};

/** Gets signatures for private channels: from the application's function, or from the back end. */
export class Authorizer {
  constructor(
    private options: FilledOptions,
    private channelOf: (name: string) => { name: string } | undefined = () => undefined,
  ) {}

  /** Never rejects: what went wrong is in the reply, with the fix where it is known. */
  async authorize(channelName: string, socketId: string): Promise<AuthReply> {
    try {
      const custom = this.#custom(channelName, socketId);
      return custom ? await byFunction(channelName, custom) : await this.#byRequest(channelName, socketId);
    } catch (error) {
      return { ok: false, message: `${channelName}: ${messageOf(error)}` };
    }
  }

  /** The application's own function, in either of pusher-js's two forms. */
  #custom(channelName: string, socketId: string): ((callback: AuthCallback) => void) | undefined {
    const { channelAuthorization, authorizer, auth, authEndpoint } = this.options;
    const handler = channelAuthorization?.customHandler;
    if (handler) return (callback) => handler({ socketId, channelName }, callback);
    if (!authorizer || channelAuthorization) return undefined;
    const options = { authTransport: 'ajax', authEndpoint, auth } as const;
    const channel = this.channelOf(channelName) ?? { name: channelName };
    return (callback) => authorizer(channel, options).authorize(socketId, callback);
  }

  async #byRequest(channelName: string, socketId: string): Promise<AuthReply> {
    const own = this.options.channelAuthorization;
    const endpoint = own?.endpoint ?? this.options.authEndpoint;
    refreshCsrf(this.options);
    const body = new URLSearchParams({ socket_id: socketId, channel_name: channelName });
    const params = { ...(own ? own.params : this.options.auth.params), ...own?.paramsProvider?.() };
    for (const name in params) body.set(name, String(params[name]));
    const headers: HeaderMap = {
      Accept: 'application/json',
      'Content-Type': 'application/x-www-form-urlencoded',
      ...this.options.auth.headers,
      ...own?.headers,
      ...own?.headersProvider?.(),
    };
    const signal = deadline(TIMEOUT);
    const init: RequestInit = { method: 'POST', credentials: 'same-origin', headers, body, signal };
    let response: Response;
    try {
      response = await fetch(endpoint, init);
    } catch (error) {
      return {
        ok: false,
        message: `${endpoint} could not be reached for ${channelName}: ${messageOf(error)}`,
      };
    }
    return readReply(response, endpoint, channelName);
  }
}

function byFunction(name: string, start: (callback: AuthCallback) => void): Promise<AuthReply> {
  return new Promise((resolve, reject) => {
    try {
      start((error, data) => {
        if (error) {
          const status = (error as { status?: unknown }).status;
          const message = `${name}: the authorizer function refused: ${messageOf(error)}`;
          resolve({ ok: false, message, ...(typeof status === 'number' ? { status } : {}) });
        } else {
          resolve(asReply(data, `${name}: the authorizer function`));
        }
      });
    } catch (error) {
      reject(error);
    }
  });
}

async function readReply(response: Response, endpoint: string, channel: string): Promise<AuthReply> {
  const { status } = response;
  const said = `${endpoint} answered ${status} for ${channel}${redirectedTo(response)}`;
  if (!response.ok) {
    const message = said + fixFor(status, FIXES);
    return { ok: false, status, message, retryAfter: retryAfter(response) };
  }
  const text = await response.text();
  if (text.trim() === '' || text.trim() === 'null') {
    const fix = "is BROADCAST_CONNECTION in the back end's .env set to reverb or pusher?";
    return { ok: false, status, message: `${said} with nothing in it; ${fix}` };
  }
  try {
    return asReply(JSON.parse(text), said);
  } catch {
    const what = isHtml(response) ? 'HTML' : 'something else';
    const fix = response.redirected
      ? 'nobody is signed in'
      : 'expected JSON with `auth`; check `authEndpoint`';
    return { ok: false, status, message: `${said} with ${what}: ${fix}` };
  }
}

function asReply(data: unknown, who: string): AuthReply {
  const { auth, channel_data } = (data ?? {}) as Partial<ChannelAuth>;
  if (typeof auth !== 'string')
    return { ok: false, message: `${who} gave no \`auth\`; expected {"auth":"key:signature"}` };
  return { ok: true, auth, ...(channel_data === undefined ? {} : { channelData: channel_data }) };
}
