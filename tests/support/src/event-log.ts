/** The broadcasts that came over one connection, in order, and of which writes they told. */
import type { Told } from './broadcast-frame.js';
import type { Truth } from './truth.js';

/** One broadcast. Which write it told of is known once the write's answer is, which may come later. */
export interface Heard {
  readonly told: Told | undefined;
  write?: number;
}

/** A place in a log: what had been heard by then. */
export interface Mark {
  /** The writes heard of, of this log and those before it. */
  heard: number[];
  /** Each row's last one. */
  last: Map<number, number>;
}

export class EventLog {
  #entries: (Heard | Mark)[] = [];
  #heard: number[];
  #last = new Map<number, number>();

  /** `since`: what had been heard elsewhere before this connection was there. */
  constructor(
    private truth: Truth,
    private since?: Mark,
  ) {
    this.#heard = [];
  }

  hear(told: Told | undefined): Heard {
    const heard: Heard = { told };
    this.#entries.push(heard);
    return heard;
  }

  mark(): Mark {
    const mark: Mark = { heard: [], last: new Map() };
    this.#entries.push(mark);
    return mark;
  }

  /** Finds the writes of what was heard; to be called when nothing is on its way. */
  resolve(): void {
    if (this.since) {
      this.#heard.push(...this.since.heard);
      for (const [id, index] of this.since.last) this.#last.set(id, index);
      this.since = undefined;
    }
    for (const entry of this.#entries.splice(0)) {
      if ('heard' in entry) {
        entry.heard = [...this.#heard];
        entry.last = new Map(this.#last);
      } else if (entry.told) {
        this.#settle(entry, entry.told);
      }
    }
  }

  #settle(heard: Heard, told: Told): void {
    const write = this.truth.match(told, this.#last.get(told.id));
    if (write === undefined) return;
    heard.write = write;
    this.#heard.push(write);
    this.#last.set(told.id, Math.max(write, this.#last.get(told.id) ?? -1));
  }
}
