import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/** A path inside the repository. */
export function repository(...parts: string[]): string {
  return join(ROOT, ...parts);
}
