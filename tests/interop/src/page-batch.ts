/** A page whose user is authorised for many channels by Echolite's own back end. */
import Echo from 'echolite';

export interface BatchPage {
  /** Channels that were joined on the present connection. */
  joined: Set<string>;
  refused: [channel: string, error: unknown][];
  begin(settings: { port: number; token: string; batch: boolean }): void;
}

const page: BatchPage = {
  joined: new Set(),
  refused: [],
  begin({ port, token, batch }) {
    const echo = new Echo({
      broadcaster: 'reverb',
      key: 'chat-key',
      wsHost: '127.0.0.1',
      wsPort: port,
      forceTLS: false,
      bearerToken: token,
      auth: { batch },
    });
    echo.connector.onConnectionChange(() => page.joined.clear());
    for (const user of ['7', '8']) {
      echo
        .private(`user.${user}`)
        .subscribed(() => page.joined.add(`user.${user}`))
        .error((error: unknown) => page.refused.push([`user.${user}`, error]));
    }
    for (let room = 1; room <= 50; room += 1) {
      echo.join(`room.${room}`).here(() => page.joined.add(`room.${room}`));
    }
  },
};

Object.assign(globalThis, { page });
