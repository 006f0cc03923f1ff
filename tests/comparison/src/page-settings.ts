/** What both kinds of page are told by their address. */
import type { Facts } from '@echolite/test-support';

export interface Row {
  id: number;
}

export interface List {
  name: string;
  url: string;
  /** Of the private channel. */
  channel: string;
  event: string;
  /** What the back end tells of its rows. */
  facts: Facts;
}

export interface Settings {
  list: List;
  /** Who is signed in, where somebody must be. */
  user: string | undefined;
  /** How events are used, for the peer. */
  use: 'invalidate' | 'patch' | 'careful';
}

/** As `addressOf` put them there. */
export function settings(): Settings {
  return JSON.parse(new URLSearchParams(location.search).get('settings') ?? '') as Settings;
}

export function addressOf(page: string, settings: Settings): string {
  return `/${page}?settings=${encodeURIComponent(JSON.stringify(settings))}`;
}

/** The same for both: where the server is, and that silence is noticed in seconds instead of a minute. */
export function connection() {
  return {
    broadcaster: 'reverb' as const,
    key: 'demo-key',
    wsHost: location.hostname,
    wsPort: Number(location.port),
    wssPort: Number(location.port),
    forceTLS: false,
    enabledTransports: ['ws' as const, 'wss' as const],
    activityTimeout: 2_000,
    pongTimeout: 1_500,
  };
}
