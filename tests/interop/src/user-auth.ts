/** The route that tells who the user is, as Laravel's `/broadcasting/user-auth`; on an origin of its own. */
import { text } from 'node:stream/consumers';
import type Pusher from 'pusher';
import { type Listening, listen } from './listen.js';

/** Who watches whom. */
const WATCHLISTS: Record<string, string[]> = {
  eve: ['fay'],
  gil: ['fay', 'hal'],
  jon: Array.from({ length: 101 }, (_, n) => `user ${n}`),
};

/** The user is whoever `X-User` says it is; the signature of `forger` is one for another connection. */
export function startUserAuth(sdk: Pusher): Promise<Listening> {
  return listen(async (request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', '*');
    if (request.method === 'OPTIONS') {
      response.end();
      return;
    }
    const form = new URLSearchParams(await text(request));
    const id = String(request.headers['x-user']);
    const socketId = id === 'forger' ? '1.1' : (form.get('socket_id') ?? '');
    const watchlist = WATCHLISTS[id];
    const signed = sdk.authenticateUser(socketId, {
      id,
      name: id.toUpperCase(),
      ...(watchlist && { watchlist }),
    });
    response.setHeader('content-type', 'application/json').end(JSON.stringify(signed));
  });
}
