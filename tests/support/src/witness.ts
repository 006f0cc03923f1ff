/** A subscriber beside the browser, on a straight way to the server: what it has heard was published. */
import { WebSocket } from 'ws';
import { type Frame, isBroadcast, parseFrame } from './broadcast-frame.js';

export class Witness {
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** Subscribes to a channel of the demo at `url`; resolves when it is subscribed. */
  static async join(url: string, channel: string, heard: (frame: Frame) => void): Promise<Witness> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/app/demo-key?protocol=7`);
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('the server closed the connection of the witness')));
      socket.on('message', (text) => {
        const frame = parseFrame(String(text));
        if (frame?.event === 'pusher:connection_established') {
          subscribe(socket, url, channel, frame).catch(reject);
        } else if (frame?.event === 'pusher_internal:subscription_succeeded') {
          resolve();
        } else if (frame && isBroadcast(frame)) {
          heard(frame);
        }
      });
    });
    // it goes with the server, which tests kill
    socket.on('error', () => socket.terminate());
    return new Witness(socket);
  }

  leave(): void {
    this.#socket.terminate();
  }
}

async function subscribe(socket: WebSocket, url: string, channel: string, { data }: Frame): Promise<void> {
  const { socket_id } = JSON.parse(data ?? '{}') as { socket_id: string };
  const body = new URLSearchParams({ socket_id, channel_name: channel });
  const answer = await fetch(`${url}/broadcasting/auth`, { method: 'POST', body });
  if (!answer.ok) throw new Error(`/broadcasting/auth answered ${answer.status} to the witness`);
  const { auth } = (await answer.json()) as { auth: string };
  socket.send(JSON.stringify({ event: 'pusher:subscribe', data: { channel, auth } }));
}
