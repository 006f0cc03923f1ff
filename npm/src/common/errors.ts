/** Errors of the application, the network and the engine, and their messages. */

/** Tells an application's error to whoever watches for errors, without stopping what goes on here. */
export function reportFailure(error: unknown): void {
  if (typeof reportError === 'function') reportError(error);
  else console.error(error);
}

/** The message of a thrown value. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return String(error);
}

/** Says that a module of the package, which is loaded when it is needed, could not be. */
export function notLoaded(error: unknown): string {
  return `A part of echolite could not be loaded: ${messageOf(error)}`;
}
