/** Errors by the names that pusher-js gives them. */

/** The name of a client event does not start with `client-`. */
export class BadEventName extends Error {}

/** Nobody can subscribe to a channel of this name. */
export class BadChannelName extends Error {}

/** The channel has no such ability. */
export class UnsupportedFeature extends Error {}

/** There is no signature for a channel or a user. */
export class HTTPAuthError extends Error {
  constructor(
    /** Of the back end's answer, where it answered. */
    readonly status: number | undefined,
    message: string,
    /** `Retry-After`, in milliseconds. */
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}
