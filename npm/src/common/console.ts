/** Messages for whoever develops the application: each is said once a page. */

const said = /* @__PURE__ */ new Set<string>();

/** Says it on the console, unless it was said before. */
export function sayOnce(level: 'info' | 'warn' | 'error', message: string): void {
  if (said.has(message)) return;
  said.add(message);
  console[level](message);
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
