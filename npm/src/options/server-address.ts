/** Takes the server's address apart: host, port and path, as options and environments write them. */
import { shown } from '../common/console.js';

/** The parts that a host may bring, which may be a whole URL. */
export interface Place {
  host?: string;
  port?: number;
  path?: string;
  tls?: boolean;
}

const SCHEMES = ['http', 'ws', 'https', 'wss'];

/** The parts of `host`; `option` names it in messages. An IPv6 address may stand without its brackets. */
export function parseHost(host: string | null | undefined, option: string): Place {
  if (!host) return {};
  const wrong = (fix = "a host name such as 'ws.example.com', or a URL") =>
    new Error(`${option} is '${host}'; expected ${fix}.`);
  if (typeof host !== 'string') throw new Error(`${option} is ${shown(host)}; expected a text.`);
  if (host.includes('://')) return parseUrl(host, wrong);
  const named = /^(\[[^\]]*\]|[^:]*):(\d*)$/.exec(host);
  if (named?.[1]) {
    throw wrong(
      `the host alone, and the port as an option of its own: '${named[1]}' and ${named[2] || 8080}`,
    );
  }
  if (/[\s/?#@\\*]/.test(host)) throw wrong();
  const url = parsed(host.includes(':') && !host.startsWith('[') ? `ws://[${host}]` : `ws://${host}`);
  if (!url?.hostname) throw wrong();
  return { host: url.hostname };
}

function parseUrl(text: string, wrong: (fix?: string) => Error): Place {
  const url = /\s/.test(text) ? undefined : parsed(text);
  if (!url?.hostname) throw wrong();
  const scheme = url.protocol.slice(0, -1);
  if (!SCHEMES.includes(scheme)) throw wrong(`a URL that begins with ${SCHEMES.join(', ')}`);
  if (url.username || url.password || url.search || url.hash) {
    throw wrong('a URL of scheme, host, port and path alone');
  }
  return {
    host: url.hostname,
    port: url.port === '' ? undefined : Number(url.port),
    path: url.pathname === '/' ? undefined : url.pathname,
    tls: isTlsScheme(scheme),
  };
}

function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Whether a scheme means TLS: `https` and `wss` do. */
export function isTlsScheme(scheme: string): boolean {
  return scheme === 'https' || scheme === 'wss';
}

/** Throws where a scheme is none that a server has. */
export function checkScheme(scheme: string, option: string): void {
  if (!SCHEMES.includes(scheme)) throw new Error(`${option} is '${scheme}'; expected ${SCHEMES.join(', ')}.`);
}

/** A port, as a number or in digits; an empty one is not given. */
export function parsePort(value: number | string | null | undefined, option: string): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const isDigits = typeof value === 'string' && /^\d+$/.test(value);
  const number = isDigits ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number > 0 && number < 65536) return number;
  throw new Error(`${option} is ${shown(value)}; expected a port from 1 to 65535.`);
}

/** `realtime/` → `/realtime`. */
export function parsePath(path: string | null | undefined, option: string): string {
  if (path === undefined || path === null) return '';
  if (typeof path !== 'string' || /[\s?#\\]|:\/\//.test(path)) {
    throw new Error(`${option} is ${shown(path)}; expected the path in front of /app, such as '/realtime'.`);
  }
  const trimmed = path.replace(/^\/+|\/+$/g, '');
  return trimmed === '' ? '' : `/${trimmed}`;
}
