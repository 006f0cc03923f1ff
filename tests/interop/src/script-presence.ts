/** The part of the script in which one user has several tabs, and in which who comes late gets the last event. */
import type { EchoLike, PageContext, Step } from './step.js';

const EVENT = 'App\\Events\\OrderShipped';

/** The user's other tab: another connection of the same user. */
const otherTab = ({ another }: PageContext): EchoLike => another({ user: 'bob' });

function pair({ echo, log }: PageContext): void {
  echo
    .join('pair')
    .here((members: unknown[]) => log('pair here', members))
    .joining((member: unknown) => log('pair joining', member))
    .leaving((member: unknown) => log('pair leaving', member));
}

function board({ echo, log }: PageContext): void {
  echo
    .join('cache-board')
    .here((members: unknown[]) => log('board here', members.length))
    .on('pusher:cache_miss', (data: unknown) => log('board miss', data))
    .listen('OrderShipped', (data: unknown) => log('board', data))
    .listenForWhisper('wave', (data: unknown) => log('board wave', data));
}

const leaveBoard = ({ echo }: PageContext) => echo.leave('cache-board');

const TABS: Step[] = [
  { name: 'a channel for two users', first: pair, logs: [1, 0] },
  { name: 'a user comes', second: pair, logs: [1, 1] },
  {
    name: 'the same user in a second tab, who is one member',
    second: (context) => {
      otherTab(context)
        .join('pair')
        .here((members: unknown[]) => context.log('tab here', members));
    },
    logs: [0, 1],
  },
  {
    name: 'one of the tabs leaves, the user stays',
    second: (context) => otherTab(context).leave('pair'),
    logs: [0, 0],
  },
  {
    name: 'the tab comes back',
    second: (context) => {
      otherTab(context)
        .join('pair')
        .here((members: unknown[]) => context.log('tab here again', members));
    },
    logs: [0, 1],
  },
  {
    name: 'both tabs leave at once, the user once',
    second: (context) => {
      context.echo.leave('pair');
      otherTab(context).leave('pair');
    },
    logs: [1, 0],
  },
  {
    name: 'leave while joining: it is never joined',
    second: ({ echo, log }) => {
      echo
        .private('fleeting')
        .subscribed(() => log('fleeting subscribed'))
        .listen('OrderShipped', (data: unknown) => log('fleeting', data));
      echo.leave('fleeting');
    },
    back: ({ sdk }) => sdk.trigger('private-fleeting', EVENT, { id: 20 }),
    logs: [0, 0],
  },
  {
    name: 'join twice: one member',
    second: (context) => {
      pair(context);
      context.echo.join('pair');
    },
    logs: [1, 1],
  },
];

const LAST_EVENT: Step[] = [
  { name: 'a cache channel that has no event', first: board, logs: [2, 0] },
  {
    name: 'an event and a whisper on a cache channel',
    first: ({ echo }) => {
      echo.join('cache-board').whisper('wave', { hand: 'right' });
    },
    back: ({ sdk }) => sdk.trigger('presence-cache-board', EVENT, { id: 21 }),
    logs: [1, 0],
  },
  {
    name: 'who comes late gets the event, and no whisper',
    second: board,
    logs: [0, 2],
  },
  { name: 'leave the cache channel', first: leaveBoard, second: leaveBoard, logs: [0, 0] },
];

export const PRESENCE: Step[] = [...TABS, ...LAST_EVENT];
