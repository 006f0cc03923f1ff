/**
 * The part of the script in which something is refused or limited, and in which users are watched or shown the door.
 * What an application allows is a matter of its own, so some steps connect to another application.
 */
import { type EchoLike, type PageContext, type Step, states } from './step.js';

/** The applications of the server that the script is played on. */
export const APPLICATIONS = `
[[apps]]
app_id = "1001"
key = "shop-key"
secret = "shop-secret"
limits = { presence_members = 2 }

[[apps]]
app_id = "open"
key = "open-key"
secret = "open-secret"
accept_client_events_from = "all"

[[apps]]
app_id = "closed"
key = "closed-key"
secret = "closed-secret"
accept_client_events_from = "none"

[[apps]]
app_id = "strict"
key = "strict-key"
secret = "strict-secret"
rate_limiting = { enabled = true, max_attempts = 3, decay_seconds = 60, terminate_on_limit = true }
`;

type Log = PageContext['log'];

/** Errors of the protocol. Stock tells one that closed the connection a second time, wrapped. */
function errors(who: string, echo: EchoLike, log: Log): void {
  type Failure = { type: string; data: { code: number; message: string } };
  echo.connector.pusher.connection.bind('error', ({ type, data }: Failure) => {
    if (type !== 'WebSocketError') log(who, type, data);
  });
}

/** Client events on public channels, and on such as were not joined, are below laravel-echo. */
function clientEvent(echo: EchoLike, channel: string, event: string, data: unknown): void {
  echo.connector.pusher.send_event(event, data, channel);
}

/** Signs a user in, and logs who of the watchlist comes and goes. */
function signIn(user: string, { another, log }: PageContext): void {
  const { pusher } = another({ user }).connector;
  pusher.bind('pusher:signin_success', () => log(user, 'signed in'));
  pusher.user.watchlist.bind('online', (event: unknown) => log(user, event));
  pusher.user.watchlist.bind('offline', (event: unknown) => log(user, event));
  pusher.signin();
}

function join(user: string, channel: string, { another, log }: PageContext): void {
  another({ user })
    .join(channel)
    .here((members: unknown[]) => log(user, 'here', members))
    .error((error: unknown) => log(user, 'refused', error));
}

const CLIENT_EVENTS: Step[] = [
  {
    name: 'a client event where the application takes none',
    first: ({ another, log }) => {
      const closed = another({ key: 'closed-key' });
      errors('closed', closed, log);
      closed.channel('plaza').subscribed(() => {
        log('closed subscribed');
        clientEvent(closed, 'plaza', 'client-hello', {});
      });
    },
    logs: [2, 0],
  },
  {
    name: 'a channel of an application that takes client events from all',
    second: ({ another, log }) => {
      another({ key: 'open-key' })
        .channel('plaza')
        .subscribed(() => log('open subscribed'))
        .listen('.client-hello', (data: unknown) => log('open hello', data));
    },
    logs: [0, 1],
  },
  {
    name: 'a client event of somebody who did not join',
    first: ({ another, log }) => {
      const open = another({ key: 'open-key' });
      errors('open', open, log);
      open.connector.pusher.connection.bind('connected', () =>
        clientEvent(open, 'plaza', 'client-hello', { from: 'outside' }),
      );
    },
    logs: [0, 1],
  },
  {
    name: 'a client event of no member where members are asked for',
    first: ({ echo, log }) => {
      errors('members only', echo, log);
      clientEvent(echo, 'private-elsewhere', 'client-hello', {});
    },
    logs: [1, 0],
  },
  {
    name: 'a client event on a channel that has none',
    first: ({ echo }) => {
      echo
        .encryptedPrivate('mute')
        .subscribed(() => clientEvent(echo, 'private-encrypted-mute', 'client-hello', {}));
    },
    logs: [1, 0],
  },
  {
    name: 'more client events than a connection may send in a second, while another sends one',
    first: ({ echo, another, log }) => {
      const hasty = another({ user: 'hasty' });
      errors('hasty', hasty, log);
      const chat = hasty.private('chat');
      chat.subscribed(() => {
        for (let n = 1; n <= 12; n += 1) chat.whisper('typing', { hasty: n });
        echo.private('chat').whisper('typing', { patient: true });
      });
    },
    // The page's own connection hears ten of them; two are rejected.
    logs: [12, 11],
    overlaps: true,
  },
  {
    name: 'more messages than a connection may send, where that ends it',
    first: ({ another, log }) => {
      const strict = another({ key: 'strict-key' });
      states('strict', strict, log);
      errors('strict', strict, log);
      strict.channel('plaza').subscribed(() => {
        for (let n = 1; n <= 3; n += 1) clientEvent(strict, 'plaza', 'client-hello', { n });
      });
    },
    logs: [5, 0],
  },
];

const SUBSCRIPTIONS: Step[] = [
  {
    name: 'a signature for another connection',
    first: ({ echo, log }) => {
      echo.private('forged').error((error: unknown) => log('forged', error));
    },
    logs: [1, 0],
  },
  {
    name: 'the last member for whom there is room',
    first: (context) => join('cid', 'room', context),
    logs: [2, 0],
    overlaps: true,
  },
  {
    name: 'a member too many',
    second: (context) => join('dan', 'room', context),
    logs: [0, 1],
  },
  {
    name: 'a member whose id is too long',
    second: (context) => join('x'.repeat(129), 'lobby', context),
    logs: [0, 1],
  },
  {
    name: 'the end of a member, by the back end',
    first: ({ another, log }) => {
      const echo = another({ user: 'cid' });
      states('cid', echo, log);
      errors('cid', echo, log);
    },
    back: ({ sdk }) => sdk.terminateUserConnections('cid'),
    logs: [4, 0],
    overlaps: true,
  },
  {
    name: 'there is room again',
    second: (context) => join('eli', 'room', context),
    logs: [1, 1],
  },
];

const USERS: Step[] = [
  {
    name: 'nobody of the watchlist is there',
    first: (context) => signIn('eve', context),
    logs: [1, 0],
  },
  {
    name: 'a watched user comes',
    second: (context) => signIn('fay', context),
    logs: [1, 1],
  },
  {
    name: 'who signs in later is told who is there',
    first: (context) => signIn('gil', context),
    logs: [2, 0],
  },
  {
    name: 'a watched user goes',
    second: ({ another }) => another({ user: 'fay' }).disconnect(),
    logs: [2, 0],
    overlaps: true,
  },
  {
    name: 'a watchlist that is too long',
    first: (context) => {
      errors('jon', context.another({ user: 'jon' }), context.log);
      signIn('jon', context);
    },
    logs: [1, 0],
  },
  {
    name: 'a user signed for another connection, which goes on without',
    first: (context) => {
      const echo = context.another({ user: 'forger' });
      errors('forger', echo, context.log);
      signIn('forger', context);
      echo.connector.pusher.connection.bind('error', () =>
        echo.channel('orders').subscribed(() => context.log('forger subscribed')),
      );
    },
    logs: [2, 0],
  },
  {
    name: 'a user who will be shown the door',
    first: (context) => {
      const echo = context.another({ user: 'kim' });
      states('kim', echo, context.log);
      errors('kim', echo, context.log);
      signIn('kim', context);
    },
    logs: [2, 0],
  },
  {
    name: 'the end of a signed-in user, by the back end',
    back: ({ sdk }) => sdk.terminateUserConnections('kim'),
    logs: [3, 0],
  },
];

export const RULES: Step[] = [...CLIENT_EVENTS, ...SUBSCRIPTIONS, ...USERS];
