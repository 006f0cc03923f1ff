/** Messages between the tabs of a scope. */
import type { OpenPort } from '../engine/open-port.js';
import type { CacheCommand } from '../engine/port.js';

/** The scope is being cleared: forget all. It was cleared: look whether that was after your rows were loaded. */
type Clearing = 'clear' | 'cleared';

/**
 * The channel between the caches of a scope, in this tab and others. A number is the build of the application that runs
 * there: tabs of an older one give the scope up for good, and go on in memory, so that nothing that an older build
 * writes comes after what a newer one wrote. A tab that is frozen misses what is told: the store tells it again when it
 * is back.
 */
export class ScopeChannel {
  private channel: BroadcastChannel | undefined;

  constructor(scope: string, build: number | undefined, port: Pick<OpenPort<CacheCommand>, 'post'>) {
    if (typeof BroadcastChannel === 'undefined') return;
    const channel = new BroadcastChannel(scope);
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data === 'clear') port.post('forget');
      else if (data === 'cleared') port.post('look');
      if (build === undefined || typeof data !== 'number' || data === build) return;
      if (data > build) port.post('retire');
      // a tab of an older build that opens later hears of this one
      else channel.postMessage(build);
    };
    if (build !== undefined) channel.postMessage(build);
    this.channel = channel;
  }

  tell(what: Clearing): void {
    this.channel?.postMessage(what);
  }

  close(): void {
    this.channel?.close();
    this.channel = undefined;
  }
}
