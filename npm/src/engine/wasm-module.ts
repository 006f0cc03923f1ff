/** Loads the engine's WebAssembly module: once a page, and not before it is needed. */
import { messageOf } from '../common/errors.js';

type WasmModule = typeof import('../wasm/echolite.js');

const FIX = "add echolite() from 'echolite/vite' to the plugins of your vite.config, or pass `wasmUrl`";

let loading: Promise<WasmModule> | undefined;

/** The module, started; a failure is not remembered, so a later attempt tries again. */
export function loadWasm(wasmUrl: string | URL | undefined): Promise<WasmModule> {
  loading ??= load(wasmUrl).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load(wasmUrl: string | URL | undefined): Promise<WasmModule> {
  const url = wasmUrl ?? new URL('../wasm/echolite_bg.wasm', import.meta.url);
  const [module, bytes] = await Promise.all([importGlue(), fetchWasm(url)]);
  try {
    await module.default({ module_or_path: bytes });
  } catch (error) {
    throw new Error(`The WebAssembly module at ${url} did not start (${messageOf(error)}); ${FIX}`);
  }
  return module;
}

async function importGlue(): Promise<WasmModule> {
  try {
    return await import('../wasm/echolite.js');
  } catch (error) {
    throw new Error(`The WebAssembly module's script could not be loaded (${messageOf(error)}); ${FIX}`);
  }
}

/** The module's bytes, or the answer that streams them, once it is plain that they are a module. */
async function fetchWasm(url: string | URL): Promise<Response | ArrayBuffer> {
  const response = await fetch(url).catch((error: unknown) => {
    throw new Error(`The WebAssembly module at ${url} could not be fetched: ${messageOf(error)}`);
  });
  if (!response.ok) {
    throw new Error(`The WebAssembly module was not found: ${url} answered ${response.status}; ${FIX}`);
  }
  if (response.headers.get('content-type')?.startsWith('application/wasm')) return response;
  const bytes = await response.arrayBuffer();
  if (!isWasm(bytes)) {
    throw new Error(`${url} answered something else than a WebAssembly module (HTML, perhaps); ${FIX}`);
  }
  return bytes;
}

/** Modules begin with the bytes `\0asm`. */
function isWasm(bytes: ArrayBuffer): boolean {
  return bytes.byteLength >= 8 && new DataView(bytes).getUint32(0) === 0x0061736d;
}
