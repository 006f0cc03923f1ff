/** What a page tells the test of what it shows, and of what it has handled; runs in the page. */
import { canonical } from './canonical.js';

/** What the page said of itself at one moment. */
export interface Sample {
  /** `Date.now()`. */
  at: number;
  /** Whether it says that what it shows is what the back end has. */
  isFresh: boolean;
  /** What it says, in its own words. */
  says: string;
  /** When the read began that the rows rest on, if it knows. */
  asOf?: number;
  /** Id and content of each row shown; not there where they are those of the sample before. */
  rows?: [id: number, row: string][];
  socket?: SocketSample;
}

/** How far the page's last WebSocket got. */
export interface SocketSample {
  /** Its socket id. */
  id: string;
  /** Frames handled for certain: another came after them, or some time has gone by. */
  handled: number;
  /** How long ago the browser said that it is closed, in milliseconds. */
  closedFor?: number;
}

export interface Shown {
  isFresh: boolean;
  says: string;
  asOf?: number;
  rows: readonly { id: number }[];
}

/** So long after a frame was given to the page, its effect shows. */
const SETTLED = 100;
const INTERVAL = 50;
/** Samples are handed over so many at a time. */
const BATCH = 4;

interface Followed {
  id: string;
  /** `performance.now()` of each frame. */
  handledAt: number[];
  closedAt?: number;
}

declare global {
  interface Window {
    /** The test's end of it. */
    takeSamples(samples: Sample[]): Promise<void>;
  }
}

let last: Followed | undefined;
const samples: Sample[] = [];

/** Follows every WebSocket that the page opens from now on. */
export function followSockets(): void {
  window.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      const socket: Followed = { id: '', handledAt: [] };
      this.addEventListener('message', ({ data }) => {
        if (socket.id === '') {
          socket.id = idOf(String(data));
          last = socket;
        }
        socket.handledAt.push(performance.now());
      });
      this.addEventListener('close', () => {
        socket.closedAt = performance.now();
      });
    }
  };
}

/** `{"event":"pusher:connection_established","data":"{\"socket_id\":\"1.2\",…}"}` */
function idOf(frame: string): string {
  const { data } = JSON.parse(frame) as { data?: string };
  return (JSON.parse(data ?? '{}') as { socket_id?: string }).socket_id ?? '';
}

/** Takes a sample whenever `sample` is called, and every 50 ms. */
export function sampleFrom(shown: () => Shown): { sample(): void } {
  let before: readonly object[] | undefined;
  const sample = () => {
    const { rows, ...said } = shown();
    const socket = last && socketSample(last);
    const isNew = rows !== before;
    before = rows;
    samples.push({
      at: Date.now(),
      ...said,
      ...(isNew && { rows: rows.map((row) => [row.id, canonical(row)]) }),
      ...(socket && { socket }),
    });
  };
  setInterval(() => {
    sample();
    if (samples.length >= BATCH) void window.takeSamples(samples.splice(0));
  }, INTERVAL);
  return { sample };
}

function socketSample({ id, handledAt, closedAt }: Followed): SocketSample {
  const now = performance.now();
  const newest = handledAt.at(-1);
  const isSettled = newest !== undefined && now - newest > SETTLED;
  const handled = isSettled ? handledAt.length : Math.max(0, handledAt.length - 1);
  return { id, handled, ...(closedAt !== undefined && { closedFor: now - closedAt }) };
}
