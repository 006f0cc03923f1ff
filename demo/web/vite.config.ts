import { defineConfig } from 'vite';

/** In development the back end is `cargo run -p echolite-demo`. */
const backEnd = 'http://127.0.0.1:8080';

export default defineConfig({
  build: { target: 'es2022', rollupOptions: { input: ['index.html', 'chat.html'] } },
  optimizeDeps: { exclude: ['echolite'] },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api': backEnd,
      '/demo': backEnd,
      '/broadcasting': backEnd,
      '/app': { target: backEnd, ws: true },
    },
  },
});
