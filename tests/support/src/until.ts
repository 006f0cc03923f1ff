import { setTimeout as pause } from 'node:timers/promises';

const POLL_INTERVAL = 20;
/** Long enough for a machine that does three other things: who waits for what comes at all loses nothing by it. */
const DEADLINE = 30_000;

/**
 * Waits until `condition` gives something other than `undefined`, `null` or `false`, and gives that.
 *
 * @throws with `what` was waited for, when `deadline` milliseconds have gone by.
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  deadline = DEADLINE,
): Promise<NonNullable<T>> {
  const end = performance.now() + deadline;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== null && value !== false) return value;
    if (performance.now() > end) throw new Error(`after ${deadline} ms still waiting for ${what}`);
    await pause(POLL_INTERVAL);
  }
}
