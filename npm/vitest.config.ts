import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // the generated modules are not there before the crates are built, and unit tests do without them
    alias: [
      // npm/pusher-js imports the package by its name
      { find: 'echolite/pusher', replacement: fileURLToPath(new URL('./src/pusher.ts', import.meta.url)) },
      {
        find: /^\.\.\/wasm\/(echo|cache)\.js$/,
        replacement: fileURLToPath(new URL('./tests/support/fake-wasm.ts', import.meta.url)),
      },
    ],
  },
  test: {
    environment: 'happy-dom',
    environmentOptions: { happyDOM: { url: 'https://shop.example/app/' } },
    include: ['tests/**/*.test.ts'],
    testTimeout: 60_000,
    restoreMocks: true,
    unstubGlobals: true,
  },
});
