/** Says on the console what only a developer can mend: each thing once, however often it happens. */

const said = new Set<string>();

/** Says `message` as an error, unless something with this key was said before. */
export function errorOnce(key: string, message: string): void {
  if (said.has(key)) return;
  said.add(key);
  console.error(message);
}

/** Forgets what was said, so that it is said again. For tests. */
export function forgetSaid(): void {
  said.clear();
}
