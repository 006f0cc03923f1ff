import './chat.css';
import { Badge } from '../badge.js';
import { byId } from '../dom.js';
import { networkSwitch, sheet, steps, themeButton } from '../switches.js';
import { type Session, session, signOut } from './api.js';
import type { User } from './rows.js';
import { askWhoIsThere } from './sign-in.js';
import { hoist } from './signal.js';
import { Watch } from './watch.js';

/** Another window of this browser has the same cookie: who signs out there is signed out here. */
const windows = new BroadcastChannel('leeway.session');

themeButton();
steps();
start(await knownSession());

async function knownSession(): Promise<Session> {
  try {
    const found = await session();
    if (found.user) remember(found.user);
    return found;
  } catch {
    // Without the server the last user still reads what is on this device.
    return { user: recall(), users: [] };
  }
}

function start({ user, users }: Session): void {
  if (user) enter(user);
  else void askWhoIsThere(users).then(again);
}

function enter(user: User): void {
  const badge = new Badge();
  byId('status').hidden = false;
  byId('chat').hidden = false;
  byId('me-name').textContent = user.name;
  byId('me-trade').textContent = user.trade;
  hoist(byId('me-flag'), user.name);
  networkSwitch(() => {});
  sheet('deck', 'deck-toggle', 'deck-close');
  const watch = new Watch(user, badge);
  byId('sign-out').addEventListener('click', () => void leave(watch));
  windows.onmessage = () => {
    watch.link.cache.close();
    again();
  };
  window.echoliteChat = watch.link;
}

/** Other windows go first, so that none writes what this one wipes. */
async function leave(watch: Watch): Promise<void> {
  windows.postMessage('left');
  forget();
  await watch.link.end();
  await signOut().catch(() => {});
  again();
}

/** Begins anew, with nothing of the last user in the window. */
function again(): void {
  location.assign('/chat');
}

const USER = 'leeway.user';

function remember(user: User): void {
  localStorage.setItem(USER, JSON.stringify(user));
}

function recall(): User | null {
  return JSON.parse(localStorage.getItem(USER) ?? 'null') as User | null;
}

function forget(): void {
  localStorage.removeItem(USER);
}

/** For the console, and for tests. */
declare global {
  interface Window {
    echoliteChat: Watch['link'];
  }
}
