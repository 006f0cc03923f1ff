import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    testTimeout: 240_000,
    hookTimeout: 600_000,
    // A file has servers of its own, and mostly waits for them.
    maxWorkers: 4,
    // Files share no state: what they import is loaded once a worker.
    isolate: false,
  },
});
