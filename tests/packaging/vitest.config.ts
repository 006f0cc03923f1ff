import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    testTimeout: 240_000,
    // npm install of several Vites.
    hookTimeout: 600_000,
    fileParallelism: false,
  },
});
