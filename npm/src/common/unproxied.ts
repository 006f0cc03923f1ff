/**
 * Base of the objects that applications hold. Vue, and Alpine, which is built on its reactivity, hand out proxies of what
 * is in their state, and follow whatever these show; objects with this mark they leave as they are. They change without
 * being assigned to: what an application shows of them it takes from their callbacks.
 */
export class Unproxied {
  /** @internal */
  get __v_skip(): true {
    return true;
  }
}
