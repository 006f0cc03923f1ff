import { vi } from 'vitest';

/** Waits until `check` does not throw any more; long enough for a module to be loaded on a busy machine. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, 20_000);
}
