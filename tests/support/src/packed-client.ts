import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from './repository.js';

/** The npm package as it is published, unpacked; `folder` has its modules. */
export async function packedClient(): Promise<{ folder: string; remove(): Promise<void> }> {
  const tarball = repository('target/npm/echolite.tgz');
  if (!existsSync(tarball)) throw new Error(`${tarball} is missing; \`cargo xtask build\` makes it`);
  const folder = await mkdtemp(join(tmpdir(), 'echolite-package-'));
  await promisify(execFile)('tar', ['-xzf', tarball, '-C', folder]);
  return {
    folder: join(folder, 'package/dist'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
