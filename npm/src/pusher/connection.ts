import { sayOnce } from '../common/console.js';
import type { ConnectionState } from '../engine/port.js';
import { Dispatcher } from './dispatcher.js';
import type { PusherEvent } from './event.js';
import { debug } from './logger.js';

/** The client behind a connection, which knows the engine. A cache's connection has none. */
export interface Link {
  key(): string;
  connect(): void;
  disconnect(): void;
  switchCluster(key: string): void;
  /** Sends an event; `false` when it cannot be sent. */
  send(event: string, data: unknown, channel: string | undefined): boolean;
  /** Takes in an event of the server. */
  receive(message: PusherEvent): void;
  usesTls(): boolean;
}

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

  constructor(private link?: Link) {
    super();
  }

  /** The application key. */
  get key(): string | undefined {
    return this.link?.key();
  }

  get usingTLS(): boolean {
    return this.isUsingTLS();
  }

  isUsingTLS(): boolean {
    return this.link?.usesTls() === true;
  }

  connect(): void {
    this.link?.connect();
  }

  disconnect(): void {
    this.link?.disconnect();
  }

  /** Connects anew, by the client's options as they are now. */
  switchCluster(key: string): void {
    this.link?.switchCluster(key);
  }

  /** Sends a frame, given as JSON. */
  send(frame: string): boolean {
    const { event, data, channel } = JSON.parse(frame) as PusherEvent;
    return this.send_event(event, data, channel);
  }

  /** Sends an event; `false` when there is no connection. */
  send_event(event: string, data: unknown, channel?: string): boolean {
    debug('Event sent', { event, data, channel });
    return this.link?.send(event, data, channel) === true;
  }

  /** A `message` is an event of the server, whoever emits it: its channel hears of it first. */
  override emit(event: string, data?: unknown): this {
    if (event === 'message') {
      debug('Event recd', data);
      this.link?.receive(data as PusherEvent);
    }
    return super.emit(event, data);
  }

  /** The one door through which the state changes. */
  setState(state: ConnectionState, reason: string, socketId: string | undefined): void {
    const previous = this.state;
    this.state = state;
    this.reason = reason;
    if (socketId !== undefined) this.socket_id = socketId;
    if (previous === state) return;
    const by = state === 'connected' ? ` with new socket ID ${socketId}` : '';
    debug('State changed', `${previous} -> ${state}${by}`);
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
