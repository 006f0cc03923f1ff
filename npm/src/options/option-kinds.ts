/** The kind of each option of `Echo` and `createCache`, and the checks that go by them. */
import { sayOnce, shown } from '../common/console.js';
import { isObject } from '../common/json.js';
import type { CacheOptions, CacheSettings } from './cache-options.js';
import {
  address,
  anyText,
  callback,
  checkedElsewhere,
  checkOptions,
  duration,
  either,
  flag,
  type Kind,
  type Kinds,
  object,
  text,
  warnOfUnknown,
  word,
} from './check.js';
import type {
  AuthOptions,
  AuthRequestOptions,
  ChannelAuthOptions,
  ConnectionOptions,
  EchoOptions,
} from './echo-options.js';
import type { PusherOptions } from './pusher-options.js';

const TRANSPORTS = ['ws', 'wss', 'xhr_streaming', 'xhr_polling', 'xdr_streaming', 'xdr_polling', 'sockjs'];

const transports: Kind = {
  expected: `a list of ${TRANSPORTS.join(', ')}`,
  fits: (value) => Array.isArray(value) && value.every((name) => TRANSPORTS.includes(name)),
};

/** JSONP runs what another origin answers, and sends no headers. */
const ajax: Kind = {
  expected: "'ajax'; instead of 'jsonp' let the endpoint answer CORS requests, or give a customHandler",
  fits: (value) => value === 'ajax',
};

const none: Kind = { expected: 'false', fits: (value) => value === false };

/** Letters of a URL's path or of a host's name; with others, nothing would be reached. */
const plain = (what: string, letters: RegExp): Kind => ({
  expected: what,
  fits: (value) => value === '' || (typeof value === 'string' && letters.test(value)),
});

const origins: Kind = {
  expected: "a list of origins, such as ['https://api.example.com']",
  fits: (value) => Array.isArray(value) && value.every((each) => /^https?:\/\/[^/\s*]+\/?$/.test(each)),
};

/** Options of an Echo alone. */
type OwnOptions = Record<
  'broadcaster' | 'client' | 'Pusher' | 'socketIdOrigins' | 'withoutInterceptors',
  unknown
>;

const ECHO: Kinds<ConnectionOptions & AuthOptions & OwnOptions> = {
  broadcaster: either(word('reverb', 'pusher', 'null'), callback),
  client: checkedElsewhere,
  Pusher: callback,
  socketIdOrigins: origins,
  key: plain('the application key, a text without spaces', /^[^\s/?#]+$/),
  // `server-address.ts` says more of these
  wsHost: anyText,
  host: anyText,
  wsPort: checkedElsewhere,
  wssPort: checkedElsewhere,
  wsPath: anyText,
  forceTLS: flag,
  encrypted: flag,
  cluster: plain("the name of a cluster, such as 'eu'", /^[\w-]+$/),
  enabledTransports: transports,
  disabledTransports: transports,
  recover: checkedElsewhere,
  wasmUrl: address,
  port: callback,
  activityTimeout: duration,
  pongTimeout: duration,
  unavailableTimeout: duration,
  auth: object,
  authEndpoint: text,
  authTransport: ajax,
  authorizer: callback,
  channelAuthorization: object,
  userAuthentication: object,
  csrfToken: anyText,
  bearerToken: anyText,
  namespace: either(anyText, none),
  withoutInterceptors: flag,
};

const AUTH: Kinds<ChannelAuthOptions> = { headers: object, params: object, batch: flag };

const AUTH_REQUEST: Kinds<AuthRequestOptions & { customHandler: 1 }> = {
  transport: ajax,
  endpoint: text,
  headers: object,
  params: object,
  headersProvider: callback,
  paramsProvider: callback,
  customHandler: callback,
};

const CACHE: Kinds<CacheSettings & { echo: 1 }> = {
  echo: object,
  scope: checkedElsewhere,
  store: word('indexeddb', 'memory'),
  build: {
    expected: 'a number that grows with each release',
    fits: (value) => Number.isFinite(value) && (value as number) >= 0,
  },
  recover: checkedElsewhere,
  fetch: callback,
  wasmUrl: address,
  headers: either(object, callback),
  pollInterval: duration,
  verifyInterval: duration,
  readTimeout: duration,
};

const KNOWN = Object.keys(ECHO);

/** Throws where an option of Echo is none that it can have; `who` was given them. Warns of misspelt ones. */
export function checkEchoOptions(options: EchoOptions, who = 'Echo'): void {
  checkOptions(who, options, ECHO);
  checkAuth(who, options);
  warnOfUnknown(who, options, who === 'Echo' ? KNOWN : [...KNOWN, ...Object.keys(CACHE)], true);
}

/** Throws where `new Pusher(key, options)` was given something that it cannot have. An Echo has checked its options. */
export function checkPusherOptions(key: unknown, options: PusherOptions): void {
  if (isObject(options) && options.broadcaster !== undefined) return;
  const call = "new Pusher('app-key', { cluster: 'eu' })";
  if (!isObject(options))
    throw new Error(`You must pass an options object, and not ${shown(options)}: ${call}.`);
  if (key === undefined || key === null)
    throw new Error(`You must pass your app key when you instantiate Pusher: ${call}.`);
  if (options.cluster === undefined && !options.wsHost)
    throw new Error(`Options object must provide a cluster, or \`wsHost\`: ${call}.`);
  checkOptions('Pusher', { ...options, key }, ECHO);
  checkAuth('Pusher', options);
  warnOfUnknown('Pusher', options, KNOWN, true);
}

function checkAuth(who: string, options: AuthOptions): void {
  const { auth, channelAuthorization, userAuthentication } = options;
  if (auth) checkOptions(`${who}: \`auth\``, auth, AUTH);
  if (channelAuthorization)
    checkOptions(`${who}: \`channelAuthorization\``, channelAuthorization, AUTH_REQUEST);
  if (userAuthentication) checkOptions(`${who}: \`userAuthentication\``, userAuthentication, AUTH_REQUEST);
}

/** Throws where an option of a cache is none that it can have; those that it shares with Echo are checked as Echo's. */
export function checkCacheOptions(options: CacheOptions): void {
  const who = 'createCache';
  checkOptions(who, options, CACHE);
  checkScope(options.scope);
  if (!options.echo) return;
  if (!isObject(options.echo.options)) {
    throw new Error(`${who}: \`echo\` is ${shown(options.echo)}; expected an Echo, made by new Echo({ … }).`);
  }
  warnOfUnknown(who, options, [...KNOWN, ...Object.keys(CACHE)], false);
  const idle = KNOWN.filter(
    (name) => (options as object as EchoOptions)[name] !== undefined && !(name in CACHE),
  );
  if (idle.length > 0) {
    const names = idle.map((name) => `\`${name}\``).join(', ');
    sayOnce('warn', `${who}: ${names} given beside \`echo\`, whose own count; give them to the Echo.`);
  }
}

/** Texts that a value which is not there turns into: two users of such a scope would share it. */
const NOBODY = ['undefined', 'null', 'NaN', 'true', 'false'];

/** Also `[object Promise]` and its like, and a function's text. */
function isNobody(text: string): boolean {
  return NOBODY.includes(text) || text.startsWith('[object ') || text.includes('=>');
}

/** Throws where a scope could be the scope of two users. */
function checkScope(scope: unknown): void {
  if (scope === null) return;
  const isSomebody =
    typeof scope === 'number'
      ? Number.isSafeInteger(scope)
      : typeof scope === 'string' && scope.trim() !== '' && !isNobody(scope.trim());
  if (isSomebody) return;
  const fix =
    typeof scope === 'number' && Number.isFinite(scope)
      ? 'a number that is not whole or beyond 2^53 is not exact: pass the id as a text'
      : 'pass the id of the user, and pass null where nobody is signed in: scope: user?.id ?? null';
  throw new Error(
    `createCache needs \`scope\`, and got ${shown(scope)}: whose data this is, so that no user sees another's; ${fix}.`,
  );
}
