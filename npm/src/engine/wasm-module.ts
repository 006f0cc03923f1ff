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

const loading = new Map<ModuleSource, Promise<ModuleScript>>();

/** The module, started; a failure is not remembered, so a later attempt tries again. */
export function loadWasm(source: ModuleSource, wasmUrl: string | URL | undefined): Promise<ModuleScript> {
  let module = loading.get(source);
  if (module === undefined) {
    module = load(source, wasmUrl ?? source.url()).catch((error: unknown) => {
      loading.delete(source);
      throw error;
    });
    loading.set(source, module);
  }
  return module;
}

async function load(source: ModuleSource, url: string | URL): Promise<ModuleScript> {
  const [script, bytes] = await Promise.all([importScript(source), fetchWasm(source, url)]);
  try {
    await script.default({ module_or_path: bytes });
  } catch (error) {
    // a module of the other engine asks for the imports of its own script, so it never starts
    throw new Error(
      `The WebAssembly module of ${source.owner} at ${url} did not start (${messageOf(error)}). Echo and the cache have a module each: is this ${source.file}? If not, ${fix(source)}`,
    );
  }
  return script;
}

async function importScript(source: ModuleSource): Promise<ModuleScript> {
  try {
    return await source.script();
  } catch (error) {
    throw new Error(
      `The script of the WebAssembly module of ${source.owner} could not be loaded (${messageOf(error)}); ${fix(source)}`,
    );
  }
}

function fix(source: ModuleSource): string {
  return `add echolite() from 'echolite/vite' to the plugins of your vite.config, or ${source.fix}`;
}

/** The module's bytes, or the answer that streams them, once it is plain that they are a module. */
async function fetchWasm(source: ModuleSource, url: string | URL): Promise<Response | ArrayBuffer> {
  const response = await fetch(url).catch((error: unknown) => {
    throw new Error(
      `The WebAssembly module of ${source.owner} at ${url} could not be fetched: ${messageOf(error)}`,
    );
  });
  if (!response.ok) {
    throw new Error(
      `The WebAssembly module of ${source.owner} was not found: ${url} answered ${response.status}; ${fix(source)}`,
    );
  }
  if (response.headers.get('content-type')?.startsWith('application/wasm')) return response;
  const bytes = await response.arrayBuffer();
  if (!isWasm(bytes)) {
    throw new Error(
      `${url} answered something else than a WebAssembly module (HTML, perhaps); ${fix(source)}`,
    );
  }
  return bytes;
}

/** Modules begin with the bytes `\0asm`. */
function isWasm(bytes: ArrayBuffer): boolean {
  return bytes.byteLength >= 8 && new DataView(bytes).getUint32(0) === 0x0061736d;
}
