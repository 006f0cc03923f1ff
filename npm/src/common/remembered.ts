/** A call of `load` that is made once it is needed, and whose result stays; after a failure the next call tries again. */
export function remembered<T>(load: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= load().catch((error: unknown) => {
      result = undefined;
      throw error;
    });
    return result;
  };
}
