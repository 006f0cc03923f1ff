import { describe, expect, it } from 'vitest';
import { reactive, readonly } from 'vue';
import type { AuthOptions } from '../../src/options/echo-options.js';
import { fillOptions } from '../../src/options/fill-options.js';

const AUTH = { auth: { headers: { A: '1' } }, userAuthentication: { endpoint: '/u', headers: { B: '2' } } };
/** Options of each form, made anew for each test. */
const GIVEN: (() => AuthOptions)[] = [
  () => ({}),
  () => ({ auth: {}, userAuthentication: {} }),
  () => ({ auth: { batch: true } }),
  () => structuredClone(AUTH),
];

/** How an application may keep its configuration from being written to. */
const LOCKS: [string, <T extends object>(options: T) => T][] = [
  ['frozen', (options) => deeply(Object.freeze, options)],
  ['sealed', (options) => deeply(Object.seal, options)],
  ['not extensible', (options) => deeply(Object.preventExtensions, options)],
  ['readonly of Vue', (options) => readonly(options) as typeof options],
  ['readonly of what is reactive', (options) => readonly(reactive(options)) as typeof options],
];

function deeply<T extends object>(lock: (object: object) => object, object: T): T {
  for (const inner of Object.values(object)) if (typeof inner === 'object') deeply(lock, inner);
  return lock(object) as T;
}

describe.each(LOCKS)('options that are %s', (_how, lock) => {
  it.each(GIVEN)('get their defaults, and the headers of the page, in copies: %o', (make) => {
    const given = make();
    const options = lock({ broadcaster: 'reverb', csrfToken: 't', bearerToken: 'b', ...given } as const);
    const before = JSON.stringify(options);
    const { auth, userAuthentication } = fillOptions(options);
    const own = { 'X-CSRF-TOKEN': 't', Authorization: 'Bearer b' };
    expect(auth).toEqual({ ...given.auth, headers: { ...given.auth?.headers, ...own } });
    expect(userAuthentication).toEqual({
      endpoint: given.userAuthentication?.endpoint ?? '/broadcasting/user-auth',
      headers: { ...given.userAuthentication?.headers, ...own },
    });
    expect(JSON.stringify(options)).toBe(before);
  });
});

it('options that are open stay the objects of the application, which may change them', () => {
  const { auth, userAuthentication } = structuredClone(AUTH);
  const { headers } = auth;
  const filled = fillOptions({ broadcaster: 'reverb', auth, userAuthentication });
  expect([filled.auth === auth, filled.auth.headers === headers]).toEqual([true, true]);
  expect(filled.userAuthentication).toBe(userAuthentication);
});
