// @vitest-environment node
/** The examples of the README compile, one after the other, as one program; those of the guides each alone. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const src = fileURLToPath(new URL('../src', import.meta.url));
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

/** What the reader's application has. */
const SURROUNDINGS = `
import type { AxiosLike, Status } from 'echolite';
declare global {
  interface Window { Echo: Echo }
  interface ImportMeta { env: Record<string, string> }
}
declare const user: { id: number } & Record<string, unknown>;
declare const axios: AxiosLike;
declare function render(rows: readonly unknown[]): void;
declare function showWhy(reason: Status['reason'], asOf: Status['asOf']): void;
`;

/** The TypeScript of a Markdown file. */
function blocks(path: string): string[] {
  const text = readFileSync(new URL(path, import.meta.url), 'utf8');
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code]) => code as string);
}

it('compiles the examples', { timeout: 60_000 }, () => {
  const own = blocks('../README.md').filter((code) => !code.startsWith('// vite.config.js'));
  expect(own.length).toBeGreaterThan(4);
  const folder = mkdtempSync(join(tmpdir(), 'echolite-readme-'));
  try {
    // imports of several examples are one another's again
    const lines = own.join('').split('\n');
    const code = lines.filter(
      (line, at) => (line !== '' && lines.indexOf(line) === at) || !line.startsWith('import'),
    );
    const named = code.map((line) =>
      line.startsWith('import Echo, {') ? line.replace('import Echo, {', 'import {') : line,
    );
    const files = ['readme.ts'];
    writeFileSync(join(folder, 'readme.ts'), SURROUNDINGS + named.join('\n'));
    for (const guide of ['migrate-from-echo', 'pusher', 'caching']) {
      for (const [at, code] of blocks(`../../docs/${guide}.md`).entries()) {
        const file = `${guide}-${at}.ts`;
        writeFileSync(join(folder, file), code);
        files.push(file);
      }
    }
    const options = {
      strict: true,
      noEmit: true,
      target: 'ES2022',
      module: 'ESNext',
      moduleResolution: 'bundler',
      lib: ['ES2022', 'DOM'],
      types: [],
      skipLibCheck: true,
      paths: {
        echolite: [join(src, 'index.ts')],
        'echolite/pusher': [join(src, 'pusher.ts')],
        'echolite/vite': [join(src, 'vite.ts')],
      },
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files }));
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
    expect(stdout).toBe('');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
