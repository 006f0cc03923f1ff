// Lists the modules in a folder: bytes as they are, and as brotli (quality 11) sends them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const folder = process.argv[2];
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(10);

console.log(`${'module'.padEnd(20)}${'raw'.padStart(10)}${'brotli'.padStart(10)}`);
for (const file of readdirSync(folder).filter((name) => /\.(js|wasm)$/.test(name))) {
  const content = readFileSync(join(folder, file));
  console.log(file.padEnd(20) + kilobytes(content.length) + kilobytes(brotliCompressSync(content).length));
}
