/** The demo's back end together with what is known of it: its history, who changes it, and what it published. */
import { toldBy } from './broadcast-frame.js';
import { type Carries, Demo, type Product } from './demo.js';
import { EventLog, type Mark } from './event-log.js';
import type { Random } from './random.js';
import { Truth } from './truth.js';
import { Witness } from './witness.js';

/** As the demo's page names it, and as it is called on the wire. */
export const PRODUCTS_CHANNEL = 'private-cache-products';

/** Rows are added below so many and removed above. */
const FEWEST = 6;
const MOST = 18;

export class BackEnd {
  readonly demo: Demo;
  readonly truth: Truth;
  #witness: Witness | undefined;
  /** What the witness heard, since it was last connected. */
  #log: EventLog;
  /** When the write began whose fate is not known, because the server was killed. */
  #unknownSince: number | undefined;
  /** The last thing to be done; one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(demo: Demo, truth: Truth) {
    this.demo = demo;
    this.truth = truth;
    this.#log = new EventLog(truth);
  }

  /** `view`: what pages see of a row, where a proxy changes it. */
  static async start(view?: (row: Product) => { id: number }): Promise<BackEnd> {
    const demo = await Demo.start();
    const backEnd = new BackEnd(demo, new Truth(await demo.products(), view));
    await backEnd.#listen(undefined);
    return backEnd;
  }

  /** A log of what another connection hears, which is being opened: all that is published by now came before it. */
  logOf(): { log: EventLog; before: Mark } {
    const before = this.#log.mark();
    return { log: new EventLog(this.truth, before), before };
  }

  /** Finds out of which writes the witness has heard; before the logs of others are resolved. */
  resolve(): void {
    this.#log.resolve();
  }

  /** Kills the server as a crash does, while others may be writing, and starts it again on the same data. */
  async crash(): Promise<void> {
    const began = Date.now();
    const before = this.#log.mark();
    await this.demo.stop('SIGKILL');
    await this.#inTurn(async () => {
      await this.demo.resume();
      const times = { began: this.#unknownSince ?? began, ended: Date.now() };
      this.#unknownSince = undefined;
      this.truth.noteAll(await this.demo.products(), times);
      this.#log.resolve();
      await this.#listen(before);
    });
  }

  /** Puts the data of an earlier moment back, and starts the server on it; `save` says which moment. */
  restore(): Promise<void> {
    const began = Date.now();
    return this.#inTurn(async () => {
      await this.demo.restore();
      this.truth.noteAll(await this.demo.products(), { began, ended: Date.now() });
      this.#log.resolve();
      await this.#listen(this.#log.mark());
    });
  }

  /** Keeps a copy of the data as they are; the server is stopped for it, and started again. */
  save(): Promise<void> {
    return this.#inTurn(async () => {
      await this.demo.save();
      await this.#listen(undefined);
    });
  }

  /** Changes a row, when the changes before are done. */
  change(id: number, fields: Partial<Product>, carries: Carries = 'row'): Promise<void> {
    return this.#write(() => this.demo.change(id, fields, carries).then(savedAs));
  }

  remove(id: number, carries: Carries = 'row'): Promise<void> {
    return this.#write(async () => ({ id, version: await this.demo.remove(id, carries) }));
  }

  /** A change by chance, of few rows, so that changes meet; gives what was done. */
  async any(random: Random, carries: Carries): Promise<string> {
    // drawn now: the order of the schedule is that of the draws
    const [chance, stock, place] = [random.next(), random.between(0, 9_999), random.next()];
    let done = 'changed nothing: the server was killed meanwhile';
    await this.#write(async () => {
      const ids = this.truth.ids();
      const id = ids[Math.floor(place * ids.length)];
      if (id === undefined || ids.length < FEWEST || (chance < 0.15 && ids.length < MOST)) {
        const row = await this.demo.create(`Made by chance ${stock}`, carries);
        done = `created row ${row.id} (${carries})`;
        return savedAs(row);
      }
      if (chance < 0.3 && ids.length > FEWEST) {
        const version = await this.demo.remove(id, carries);
        done = `deleted row ${id} (${carries})`;
        return { id, version };
      }
      const row = await this.demo.change(id, { stock }, carries);
      done = `changed row ${id} (${carries})`;
      return savedAs(row);
    });
    return done;
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await this.#last;
  }

  async end(): Promise<void> {
    this.#witness?.leave();
    await this.#last;
    await this.demo.end();
  }

  #write(write: () => Promise<Written>): Promise<void> {
    return this.#inTurn(async () => {
      const began = Date.now();
      try {
        const { id, row, version } = await write();
        this.truth.note(id, row, version, { began, ended: Date.now() });
      } catch (error) {
        // `fetch` failed: the server was killed, and has committed it or not; `crash` looks
        if (!(error instanceof TypeError)) throw error;
        this.#unknownSince ??= began;
      }
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    // whoever asked for it is told of the failure; the next in turn goes on
    this.#last = done.catch(() => {});
    return done;
  }

  /** `before`: what had been heard until the server was killed. All that it wrote by then is not told of again. */
  async #listen(before: Mark | undefined): Promise<void> {
    this.#witness?.leave();
    const last = new Map(this.truth.writes.map(({ id, index }) => [id, index]));
    const log = new EventLog(this.truth, { heard: before?.heard ?? [], last });
    this.#witness = await Witness.join(this.demo.url, PRODUCTS_CHANNEL, (frame) => log.hear(toldBy(frame)));
    this.#log = log;
  }
}

/** What a write led to; without a row it was a deletion. */
interface Written {
  id: number;
  row?: Product;
  version: number;
}

function savedAs(row: Product): Written {
  return { id: row.id, row, version: row.version };
}
