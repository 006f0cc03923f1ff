/** Rows that the page holds are those of the cache: they are frozen before they are given away. */

/** A type whose values cannot be changed, however deep. */
export type DeepReadonly<T> = T extends (...args: never[]) => unknown
  ? T
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** Freezes a value of JSON with everything in it, and returns it. What is frozen is taken for frozen as a whole. */
export function freezeDeeply<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const key in value) freezeDeeply(value[key]);
  return value;
}
