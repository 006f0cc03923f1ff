import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    testTimeout: 240_000,
    hookTimeout: 600_000,
    // Two cores: a browser and a server are enough at a time.
    fileParallelism: false,
  },
});
