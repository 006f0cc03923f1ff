/** The function that `$state(value)` is compiled to. */
declare module 'svelte/internal/client' {
  export function proxy<Value>(value: Value): Value;
}
