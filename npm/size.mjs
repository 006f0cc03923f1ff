/**
 * Prints what an application ships, minified and compressed by brotli: `at once` is in the first chunk,
 * `beside` is loaded beside the engine. Build first.
 */
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { rolldown } from 'rolldown';

const INDEX = fileURLToPath(new URL('./dist/index.js', import.meta.url));
const ENTRY = 'virtual:entry';
const USES = {
  Echo: `export { default } from '${INDEX}';`,
  cache: `export { createCache } from '${INDEX}';`,
  'Echo, cache, fromEnv': `export { default, createCache, fromEnv } from '${INDEX}';`,
  everything: `export * from '${INDEX}'; export { default } from '${INDEX}';`,
};

async function chunks(code) {
  const plugin = {
    name: 'entry',
    resolveId(id) {
      if (id === ENTRY) return id;
      return /wasm\/(echo|cache)\.js$/.test(id) ? { id, external: true } : undefined;
    },
    load: (id) => (id === ENTRY ? code : undefined),
  };
  const bundle = await rolldown({ input: ENTRY, plugins: [plugin], logLevel: 'silent' });
  const { output } = await bundle.generate({ format: 'es', minify: true });
  await bundle.close();
  return output.filter(({ type }) => type === 'chunk');
}

/** The chunks that `chunk` needs before it runs, itself included. */
function needed(chunk, all) {
  const others = all.filter(({ fileName }) => chunk.imports.includes(fileName));
  return new Set([chunk, ...others.flatMap((other) => [...needed(other, all)])]);
}

const size = (some) => some.reduce((sum, { code }) => sum + brotliCompressSync(code).length, 0);

for (const [use, code] of Object.entries(USES)) {
  const all = await chunks(code);
  const first = needed(
    all.find(({ isEntry }) => isEntry),
    all,
  );
  const beside = all.filter((chunk) => !first.has(chunk));
  console.log(`${use}: ${size([...first])} bytes at once, ${size(beside)} beside`);
}
