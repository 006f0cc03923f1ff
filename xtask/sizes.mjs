// Lists the modules under a folder: bytes raw and as brotli (quality 11) would send them.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const folder = process.argv[2];

function* modules(path) {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) yield* modules(child);
    else if (/\.(js|wasm)$/.test(entry.name)) yield child;
  }
}

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(10);
const totals = { js: [0, 0], wasm: [0, 0] };
console.log(`${'file'.padEnd(32)}${'raw'.padStart(10)}${'brotli'.padStart(10)}`);
for (const file of [...modules(folder)].sort()) {
  const content = readFileSync(file);
  const packed = brotliCompressSync(content).length;
  const total = totals[file.endsWith('.wasm') ? 'wasm' : 'js'];
  total[0] += content.length;
  total[1] += packed;
  console.log(relative(folder, file).padEnd(32) + kilobytes(content.length) + kilobytes(packed));
}
for (const [kind, [raw, packed]] of Object.entries(totals)) {
  console.log(`all ${kind}`.padEnd(32) + kilobytes(raw) + kilobytes(packed));
}
