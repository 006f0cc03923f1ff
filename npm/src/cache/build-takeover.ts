/** A newer build of the application takes the store over from tabs of older ones. */
import type { Port } from '../engine/port.js';

/**
 * Tells the tabs of a scope which build of the application runs here. Those of an older one give the scope
 * up: they go on in memory, and nothing that an older build writes comes after what a newer one wrote.
 * Returns how to stop.
 */
export function watchBuilds(database: string, build: number, port: Pick<Port, 'post'>): () => void {
  if (typeof BroadcastChannel === 'undefined') return () => {};
  const channel = new BroadcastChannel(database);
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (typeof data !== 'number' || data === build) return;
    if (data > build) port.post('release');
    // a tab of an older build that opens later hears of this one
    else channel.postMessage(build);
  };
  channel.postMessage(build);
  return () => channel.close();
}
