import { sayOnce } from '../common/console.js';
import type { ConnectionState } from '../engine/port.js';
import { Dispatcher } from './dispatcher.js';

/**
 * The connection as pusher-js shows it. Emits `state_change` with `{previous, current}`, then the new state's
 * own name (`connected` with `{socket_id}`), `error`, and `message` for each frame.
 *
 * @example echo.connector.pusher.connection.bind('state_change', ({ current }) => console.log(current))
 */
export class PusherConnection extends Dispatcher {
  state: ConnectionState = 'initialized';
  /** The cause of the present state, for people. */
  reason = '';
  /** Of the present connection, or of the last one. */
  socket_id: string | undefined;

  /** The one door through which the state changes. */
  setState(state: ConnectionState, reason: string, socketId: string | undefined): void {
    const previous = this.state;
    this.state = state;
    this.reason = reason;
    if (socketId !== undefined) this.socket_id = socketId;
    if (previous === state) return;
    this.emit('state_change', { previous, current: state });
    this.emit(state, state === 'connected' ? { socket_id: socketId } : undefined);
  }

  /** Emits `error` in the shapes in which pusher-js's documentation reads it. */
  fail(code: number | undefined, message: string): void {
    if (!this.hears('error')) {
      if (code === undefined) sayOnce('warn', message);
      else if (isRefusal(code)) sayOnce('error', `The server refused what was asked (${code}): ${message}`);
    }
    const error = { type: 'PusherError', data: { code: code ?? null, message } };
    this.emit('error', { ...error, error });
  }
}

/** Codes of what would be refused again: a connection, a sign-in (4009), a client event (4301). */
function isRefusal(code: number): boolean {
  return (code >= 4000 && code < 4100) || code >= 4300;
}
