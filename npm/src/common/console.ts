/** Messages for whoever develops the application: each is said once a page. */

const said = /* @__PURE__ */ new Set<string>();

/** Says `message`, unless something with this key was said before. */
export function sayOnce(level: 'info' | 'warn' | 'error', message: string, key = message): void {
  if (said.has(key)) return;
  said.add(key);
  console[level](message);
}

/** `word` and a channel's name, or `word` alone where the message names the channel, as the back end's refusals do. */
export function naming(word: string, name: string, message: string): string {
  return /^(private|presence)-/.test(name) && message.includes(name) ? word : `${word} ${name}`;
}

/** Forgets what was said, so that it is said again. For tests. */
export function forgetSaid(): void {
  said.clear();
}

/** A value as a message shows it: `"5000"`, `NaN`, `a function`, `{"a":1}`. */
export function shown(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' || typeof value === 'string') {
    try {
      return JSON.stringify(value);
    } catch {
      return 'an object';
    }
  }
  return String(value);
}
