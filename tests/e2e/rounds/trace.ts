/** What happened in a round, by time: printed when it fails. */

/** So many lines are printed; what led to a failure is among the last. */
const PRINTED = 80;

export class Trace {
  #title = '';
  #began = 0;
  #lines: { at: number; who: string; what: string }[] = [];

  begin(title: string): void {
    this.#title = title;
    this.#began = Date.now();
    this.#lines = [];
  }

  add(who: string, what: string): void {
    this.#lines.push({ at: Date.now(), who, what });
  }

  /** A moment as the trace's lines have it. */
  when(at: number): string {
    return `at ${at - this.#began} ms`;
  }

  toString(): string {
    const left = Math.max(0, this.#lines.length - PRINTED);
    const lines = this.#lines
      .slice(left)
      .map(({ at, who, what }) => `  ${String(at - this.#began).padStart(6)} ms  ${who.padEnd(6)} ${what}`);
    const omitted = left > 0 ? [`  … ${left} lines before`] : [];
    return [`${this.#title}:`, ...omitted, ...lines].join('\n');
  }
}
