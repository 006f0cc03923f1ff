/** The words for a WebAssembly module that could not be loaded: what was found, and what to do. Loaded when it is needed. */
import { baseUrl, isSameOrigin } from '../common/environment.js';
import type { LoadFailure, ModuleSource } from './wasm-module.js';

/** The module's failure, for people. */
export function loadAdvice(source: ModuleSource, failure: LoadFailure): string {
  return failure.mayPass ? `${told(source, failure)}. It is tried again.` : `${told(source, failure)}.`;
}

function told(source: ModuleSource, failure: LoadFailure): string {
  const { problem, url } = failure;
  const module = `The WebAssembly module of ${source.owner}`;
  switch (problem.kind) {
    case 'no-wasm':
      return `This browser has no WebAssembly (it is old, or a mode such as iOS's lockdown mode switched it off), which ${source.owner} needs: nothing is connected here`;
    case 'refused':
      return `The page's Content-Security-Policy does not allow WebAssembly, which ${source.owner} needs: add 'wasm-unsafe-eval' to its script-src, as in script-src 'self' 'wasm-unsafe-eval' (docs/csp.md)`;
    case 'script':
      return `The script of the WebAssembly module of ${source.owner} could not be loaded (${problem.cause}): the network failed, or a deploy removed scripts that this page knows; in development with Vite, add echolite() from 'echolite/vite' to the plugins of your vite.config`;
    case 'network':
      return `${module} at ${url} could not be fetched (${problem.cause})${elsewhere(url)}`;
    case 'status':
      return problem.status >= 500 || problem.status === 429
        ? `${module} is not there: ${url} answered ${problem.status}`
        : `${module} was not found: ${url} answered ${problem.status}; ${fix(source, failure)}`;
    case 'content':
      return `${url} answered ${problem.type ?? 'content without a type'}, which is not a WebAssembly module; ${fix(source, failure)}`;
    case 'start':
      return `${module} at ${url} did not start (${problem.cause}). Echo and the cache have a module each: is this ${source.file}, and all of it? If not, ${fix(source, failure)}`;
  }
}

/** Advice for an address of another origin. */
function elsewhere(url: string): string {
  if (isSameOrigin(url)) return '';
  return '; as it is on another origin, that must answer Access-Control-Allow-Origin, and a Content-Security-Policy must name it in connect-src';
}

/** What to do in the bundler that is in use, as far as the address tells. */
function fix({ file, fix: option }: ModuleSource, { url, isGiven }: LoadFailure): string {
  const original = `node_modules/echolite/dist/wasm/${file}`;
  if (isGiven) return `serve ${original} at the address that \`wasmUrl\` gives`;
  if (url.includes('/.vite/')) {
    return `Vite pre-bundled the package: add echolite() from 'echolite/vite' to the plugins of your vite.config, or ${option}`;
  }
  if (typeof __webpack_require__ !== 'undefined') {
    return `webpack put it there: deploy that file with the scripts, and look at \`output.publicPath\`; or serve ${original} and ${option}`;
  }
  if (!new URL(url, baseUrl()).pathname.endsWith(`/${file}`)) {
    return `the bundler put it there: deploy that file with the scripts, and keep the files of the release before for pages that are open; or ${option}`;
  }
  return `with Vite, add echolite() from 'echolite/vite' to the plugins of your vite.config, or ${option}; esbuild, Rollup and import maps leave the file where it is: serve ${original} at this address, or ${option}`;
}

/** Defined by webpack and Rspack in what they bundle. */
declare const __webpack_require__: unknown;
