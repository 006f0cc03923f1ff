/** Loads the engines' WebAssembly modules: each once a page, and not before it is needed. */
import { messageOf } from '../common/errors.js';
import type { Command, Engine, EngineConfig, EngineEvent } from './port.js';

/** An engine of one of the modules. `port.ts` says which commands each knows. */
export type AnyEngine = { free(): void } & Partial<Engine<Command>>;

/** The script beside a WebAssembly module, which starts it. */
export interface ModuleScript {
  default(options: { module_or_path: Response | ArrayBuffer }): Promise<unknown>;
  Engine: new (config: EngineConfig, onevent: (...event: EngineEvent) => void) => AnyEngine;
}

/**
 * One of the package's modules. Each is described in a file of its own, imported only by those that use it, so that a
 * bundler ships an application the modules that it needs.
 */
export interface ModuleSource {
  /** Whose engine it is, in messages. */
  owner: string;
  script(): Promise<ModuleScript>;
  /** The module's address, as bundlers find it. */
  url(): URL;
  /** The module's file in the package. */
  file: string;
  /** What to do where the module cannot be found. */
  fix: string;
}

/** Cause of a failure, of which `load-advice.ts` makes words. */
export type LoadProblem =
  /** The browser has no WebAssembly. */
  | { kind: 'no-wasm' }
  /** A Content-Security-Policy does not let the page start WebAssembly. */
  | { kind: 'refused' }
  | { kind: 'script'; cause: string }
  | { kind: 'network'; cause: string }
  | { kind: 'status'; status: number }
  | { kind: 'content'; type: string | null }
  | { kind: 'start'; cause: string };

/** A module that is not there. */
export class LoadFailure extends Error {
  constructor(
    readonly problem: LoadProblem,
    /** The module's address. */
    readonly url: string,
    /** Whether the address is the application's (`wasmUrl`). */
    readonly isGiven: boolean,
  ) {
    super(`the WebAssembly module could not be loaded: ${problem.kind}`);
  }

  /** Whether another attempt may succeed without another page. */
  get mayPass(): boolean {
    return this.problem.kind !== 'no-wasm' && this.problem.kind !== 'refused';
  }
}

/** Longest time, in milliseconds, of the first request for a module; each one after it may take twice as long, to 8 min. */
const FIRST_LIMIT = 30_000;
const MOST_DOUBLINGS = 4;

/** The shortest module: `\0asm` and the version. */
const SHORTEST_MODULE = /* @__PURE__ */ Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

const loading = new Map<ModuleSource, Promise<ModuleScript>>();

/**
 * The module, started; a failure (`LoadFailure`) is not remembered, so a later attempt tries again. `attempts`: those that
 * failed; after one, an answer that a cache on the way kept is not taken.
 */
export function loadWasm(
  source: ModuleSource,
  wasmUrl: string | URL | undefined,
  attempts = 0,
): Promise<ModuleScript> {
  let module = loading.get(source);
  if (module === undefined) {
    module = load(source, wasmUrl, attempts).catch((error: unknown) => {
      loading.delete(source);
      throw error;
    });
    loading.set(source, module);
  }
  return module;
}

async function load(
  source: ModuleSource,
  wasmUrl: string | URL | undefined,
  attempts: number,
): Promise<ModuleScript> {
  const url = wasmUrl ?? source.url();
  const fail = (problem: LoadProblem): never => {
    throw new LoadFailure(problem, String(url), wasmUrl !== undefined);
  };
  if (typeof WebAssembly !== 'object') fail({ kind: 'no-wasm' });
  if (!mayCompile()) fail({ kind: 'refused' });
  const limit = timeLimit(FIRST_LIMIT * 2 ** Math.min(attempts, MOST_DOUBLINGS));
  // browsers say of a request that was given up that it was given up
  const cause = (error: unknown) => messageOf(limit.signal.aborted ? limit.signal.reason : error);
  const request: RequestInit = { cache: attempts > 0 ? 'no-cache' : 'default', signal: limit.signal };
  try {
    const [script, bytes] = await Promise.all([
      // browsers neither give up an import nor begin it again: the next attempt waits for the same one
      Promise.race([source.script(), limit.over]).catch((error: unknown) =>
        fail({ kind: 'script', cause: messageOf(error) }),
      ),
      fetchWasm(url, request, fail, (error) => fail({ kind: 'network', cause: cause(error) })),
    ]);
    await script.default({ module_or_path: bytes }).catch((error: unknown) =>
      // a module of the other engine asks for the imports of its own script, so it never starts
      fail({ kind: limit.signal.aborted ? 'network' : 'start', cause: cause(error) }),
    );
    return script;
  } finally {
    limit.clear();
  }
}

/** The end of what takes too long: a signal for a request, its body included, and a promise that rejects. */
function timeLimit(longest: number): { signal: AbortSignal; over: Promise<never>; clear(): void } {
  const controller = new AbortController();
  const why = new Error(`it was not there after ${longest / 1_000} s`);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      controller.abort(why);
      reject(why);
    }, longest);
  });
  return { signal: controller.signal, over, clear: () => clearTimeout(timer) };
}

/** Whether the page may start WebAssembly: the shortest module fails only where a policy forbids it. */
function mayCompile(): boolean {
  try {
    new WebAssembly.Module(SHORTEST_MODULE);
    return true;
  } catch {
    return false;
  }
}

/** The module's bytes, or the answer that streams them, once it is plain that they are a module. */
async function fetchWasm(
  url: string | URL,
  request: RequestInit,
  fail: (problem: LoadProblem) => never,
  network: (error: unknown) => never,
): Promise<Response | ArrayBuffer> {
  const response = await fetch(url, request).catch(network);
  if (!response.ok) fail({ kind: 'status', status: response.status });
  const type = response.headers.get('content-type');
  if (type?.startsWith('application/wasm')) return response;
  const bytes = await response.arrayBuffer().catch(network);
  return isWasm(bytes) ? bytes : fail({ kind: 'content', type });
}

/** Modules begin with the bytes `\0asm`. */
function isWasm(bytes: ArrayBuffer): boolean {
  return bytes.byteLength >= 8 && new DataView(bytes).getUint32(0) === 0x0061736d;
}
