/**
 * What a pair of pages does with Echo, step by step. The stock client and ours play the same list, and what
 * their callbacks were told is compared.
 *
 * The file is loaded twice: by the pages, which run `first` and `second`, and by the test, which runs `back`.
 */
import { PRESENCE } from './script-presence.js';
import { RULES } from './script-rules.js';
import { type PageContext, type Step, states } from './step.js';

const EVENT = 'App\\Events\\OrderShipped';
const NOTIFICATION = 'Illuminate\\Notifications\\Events\\BroadcastNotificationCreated';

/** Values that JSON keeps and that careless encodings lose. */
const AWKWARD = {
  text: 'Grüße, 世界 🚚 "quoted" \\ / \u2028',
  number: 0.1,
  big: 9007199254740991,
  nothing: null,
  empty: {},
  list: [],
  nested: { list: [1, [2, { three: '3' }]] },
};

function orders({ echo, log }: PageContext): void {
  echo
    .channel('orders')
    .subscribed(() => log('orders subscribed'))
    .listen('OrderShipped', (data: unknown) => log('OrderShipped', data))
    .listen('.order.shipped', (data: unknown) => log('.order.shipped', data));
}

function room({ echo, log }: PageContext): void {
  echo
    .join('room')
    .here((members: unknown[]) => log('room here', members.map((member) => JSON.stringify(member)).sort()))
    .joining((member: unknown) => log('room joining', member))
    .leaving((member: unknown) => log('room leaving', member))
    .listenForWhisper('wave', (data: unknown) => log('room wave', data));
}

function secrets({ echo, log }: PageContext): void {
  echo
    .encryptedPrivate('secrets')
    .subscribed(() => log('secrets subscribed'))
    .listen('OrderShipped', (data: unknown) => log('secrets', data));
}

const leaveSecrets = ({ echo }: PageContext) => echo.leave('secrets');

function chat({ echo, log }: PageContext): void {
  echo
    .private('chat')
    .subscribed(() => log('chat subscribed'))
    .listenForWhisper('typing', (data: unknown) => log('chat typing', data))
    .notification((data: unknown) => log('chat notification', data));
}

/** The server confirms each sign-in, the one after a reconnect too. */
function signIn({ echo, log }: PageContext): void {
  const { pusher } = echo.connector;
  pusher.bind('pusher:signin_success', (data: { user_data: string }) =>
    log('signed in', JSON.parse(data.user_data)),
  );
  pusher.user.bind('invoice', (data: unknown) => log('user invoice', data, pusher.user.user_data));
  pusher.signin();
}

const connection = ({ echo, log }: PageContext) => states('connection', echo, log);

export const SCRIPT: Step[] = [
  { name: 'connect', first: connection, second: connection, logs: [1, 1] },
  { name: 'subscribe to a public channel', first: orders, second: orders, logs: [1, 1] },
  {
    name: 'an event by its class',
    back: ({ sdk }) => sdk.trigger('orders', EVENT, { id: 1 }),
    logs: [1, 1],
  },
  {
    name: 'an event by broadcastAs, with awkward values',
    back: ({ sdk }) => sdk.trigger('orders', 'order.shipped', AWKWARD),
    logs: [1, 1],
  },
  {
    name: 'data that is no object',
    back: async ({ sdk }) => {
      for (const data of ['text', 42, true, [1, 2]]) await sdk.trigger('orders', EVENT, data);
    },
    logs: [4, 4],
  },
  {
    name: 'twenty events keep their order',
    back: async ({ sdk }) => {
      for (let n = 0; n < 20; n += 10) {
        const batch = Array.from({ length: 10 }, (_, i) => ({
          channel: 'orders',
          name: EVENT,
          data: { n: n + i },
        }));
        await sdk.triggerBatch(batch);
      }
    },
    logs: [20, 20],
  },
  {
    name: 'to others',
    back: ({ sdk, socketIds }) => sdk.trigger('orders', EVENT, { id: 2 }, { socket_id: socketIds.first }),
    logs: [0, 1],
  },
  {
    name: 'listen to all',
    first: ({ echo, log }) => {
      echo.channel('orders').listenToAll((event: string, data: unknown) => log('all', event, data));
    },
    back: async ({ sdk }) => {
      await sdk.trigger('orders', EVENT, { id: 3 });
      await sdk.trigger('orders', 'other.event', { id: 4 });
    },
    logs: [3, 1],
  },
  {
    name: 'stop listening',
    first: ({ echo }) => {
      echo.channel('orders').stopListening('OrderShipped').stopListeningToAll();
    },
    back: ({ sdk }) => sdk.trigger('orders', EVENT, { id: 5 }),
    logs: [0, 1],
  },
  { name: 'subscribe to a private channel', first: chat, second: chat, logs: [1, 1] },
  {
    name: 'whisper',
    first: ({ echo }) => {
      echo.private('chat').whisper('typing', { at: 'line 1', awkward: {} });
    },
    logs: [0, 1],
  },
  {
    name: 'a notification',
    back: ({ sdk }) =>
      sdk.trigger('private-chat', NOTIFICATION, {
        type: 'invoice',
        amount: 3,
      }),
    logs: [1, 1],
  },
  {
    name: 'subscribe to an encrypted channel',
    first: secrets,
    second: secrets,
    logs: [1, 1],
  },
  {
    name: 'an encrypted event',
    back: ({ sdk }) => sdk.trigger('private-encrypted-secrets', EVENT, AWKWARD),
    logs: [1, 1],
  },
  {
    name: 'an event that our broadcaster encrypted',
    back: ({ broadcast }) => broadcast('private-encrypted-secrets', EVENT, AWKWARD),
    logs: [1, 1],
  },
  {
    name: 'an encrypted event after the key was changed',
    back: ({ rotate }) => rotate().trigger('private-encrypted-secrets', EVENT, { id: 9 }),
    logs: [1, 1],
  },
  {
    name: 'leave the encrypted channel',
    first: leaveSecrets,
    second: leaveSecrets,
    logs: [0, 0],
  },
  {
    name: 'a channel that the application forbids',
    first: ({ echo, log }) => {
      echo
        .private('forbidden')
        .error((error: { type?: string; status?: number }) => log('forbidden', error.type, error.status));
    },
    logs: [1, 0],
  },
  { name: 'join a presence channel', first: room, logs: [1, 0] },
  { name: 'another joins', second: room, logs: [1, 1] },
  {
    name: 'whisper among members',
    second: ({ echo }) => {
      echo.join('room').whisper('wave', { hand: 'left' });
    },
    logs: [1, 0],
  },
  {
    name: 'another leaves',
    second: ({ echo }) => {
      echo.leave('room');
    },
    logs: [1, 0],
  },
  { name: 'sign in', first: signIn, second: signIn, logs: [1, 1] },
  {
    name: 'to one user',
    back: async ({ sdk }) => {
      await sdk.sendToUser('ann', 'invoice', { id: 1, awkward: AWKWARD });
      await sdk.sendToUser('bob', 'other', { id: 2 });
    },
    logs: [1, 0],
  },
  {
    name: 'leave and hear no more',
    first: ({ echo }) => {
      echo.leave('orders');
    },
    back: ({ sdk }) => sdk.trigger('orders', EVENT, { id: 6 }),
    logs: [0, 1],
  },
  {
    name: 'come back after having left',
    first: orders,
    logs: [1, 0],
  },
  {
    name: 'the server restarts',
    back: ({ restart }) => restart(),
    // The connection, the user, then every channel once more, the refused one too.
    logs: [6, 4],
    overlaps: true,
    // pusher-js tries again after 1 s, then after 15 s more.
    deadline: 90_000,
  },
  {
    name: 'events arrive after the restart',
    back: async ({ sdk }) => {
      await sdk.trigger('orders', EVENT, { id: 7 });
      await sdk.trigger('private-chat', NOTIFICATION, { type: 'invoice', amount: 4 });
      await sdk.sendToUser('bob', 'invoice', { id: 3 });
    },
    logs: [2, 3],
  },
  {
    name: 'an application key that the server does not know',
    first: ({ another, log }) => {
      const stranger = another({ key: 'unknown-key' });
      states('stranger', stranger, log);
      stranger.connector.pusher.connection.bind('error', (error: { error?: { data?: { code?: number } } }) =>
        log('stranger error', error.error?.data?.code),
      );
    },
    logs: [2, 0],
  },
  ...PRESENCE,
  ...RULES,
  {
    name: 'disconnect',
    first: ({ echo }) => echo.disconnect(),
    back: ({ sdk }) => sdk.trigger('orders', EVENT, { id: 8 }),
    logs: [1, 1],
    ends: true,
  },
];
