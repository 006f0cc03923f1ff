/** The route that tells who the user is, as Laravel's `/broadcasting/user-auth`; on an origin of its own. */
import { text } from 'node:stream/consumers';
import type Pusher from 'pusher';
import { type Listening, listen } from './listen.js';

/** The user is whoever `X-User` says it is. */
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
    const signed = sdk.authenticateUser(form.get('socket_id') ?? '', { id, name: id.toUpperCase() });
    response.setHeader('content-type', 'application/json').end(JSON.stringify(signed));
  });
}
