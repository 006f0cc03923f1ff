/** The time limit of an answer: it is waited for as long as it comes. */

/** Told to the engine at most so often, in milliseconds, that an answer is on its way. */
const LONGEST_NEWS = 1_000;
/** The engine has the same time limit; its error says less, so that this one comes before it. */
const AHEAD = 250;

/**
 * A request that is given up when nothing of its answer comes for `limit` milliseconds, or when nobody waits for it any
 * more: it is aborted, and whoever waits for it is told, also where its `fetch` does not obey the signal.
 */
export class Patience {
  private controller = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private giveUp: (reason: Error) => void = () => {};
  private givenUp: Promise<never>;
  private told = 0;

  /** `progress` is called now and then while the answer comes. */
  constructor(
    private limit: number,
    private progress: () => void,
  ) {
    this.givenUp = new Promise((_, reject) => {
      this.giveUp = reject;
    });
    this.givenUp.catch(() => {}); // it may be given up when nobody waits any more
    this.wait();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Waits for one step, until the request is given up. */
  step<T>(step: Promise<T>): Promise<T> {
    return Promise.race([step, this.givenUp]);
  }

  /** Reads the answer's text, part by part. */
  async text(response: Response): Promise<string> {
    const reader = response.body?.getReader();
    if (reader === undefined) return this.step(response.text());
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
      const { done, value } = await this.step(reader.read());
      if (done) return text + decoder.decode();
      this.heard();
      text += decoder.decode(value, { stream: true });
    }
  }

  /** A part of the answer came. */
  heard(): void {
    this.wait();
    const now = performance.now();
    if (now - this.told < Math.min(LONGEST_NEWS, this.limit / 4)) return;
    this.told = now;
    this.progress();
  }

  /** The answer is there, or nobody waits for it any more: what is under way is aborted. */
  end(why = 'it is over'): void {
    clearTimeout(this.timer);
    const reason = new Error(why);
    this.giveUp(reason);
    this.controller.abort(reason);
  }

  private wait(): void {
    clearTimeout(this.timer);
    const seconds = this.limit / 1_000;
    const why = `nothing of its answer came for ${seconds} s (the option \`readTimeout\` of the cache)`;
    this.timer = setTimeout(() => this.end(why), this.limit - Math.min(AHEAD, this.limit / 10));
  }
}
