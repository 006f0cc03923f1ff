/** What runs in a page: an Echo, the log of its callbacks, and the steps that the test asks for. */
import { SCRIPT } from './script.js';
import type { EchoLike, PageContext, Role } from './step.js';

export interface Settings {
  key: string;
  port: number;
  user: string;
  /** Where it is told who the user is. */
  userAuth: string;
}

/** Options as an application that uses Reverb writes them. */
export function echoOptions(settings: Settings) {
  return {
    broadcaster: 'reverb' as const,
    key: settings.key,
    wsHost: '127.0.0.1',
    wsPort: settings.port,
    wssPort: settings.port,
    forceTLS: false,
    enabledTransports: ['ws' as const],
    authEndpoint: '/broadcasting/auth',
    auth: { headers: { 'X-User': settings.user } },
    userAuthentication: {
      transport: 'ajax' as const,
      endpoint: settings.userAuth,
      headers: { 'X-User': settings.user },
    },
  };
}

type Line = [what: string, ...details: unknown[]];

/** What the test finds in the page. */
export interface Harness {
  log: Line[];
  /** The last barrier event that came. */
  barrier: number;
  /** Makes the Echo and plays the first step before it can be connected. */
  begin(settings: Settings, role: Role): void;
  play(index: number, role: Role): void;
  socketId(): string | undefined;
}

export function harness(makeEcho: (settings: Settings) => EchoLike): Harness {
  let context: PageContext | undefined;
  const others = new Map<string, EchoLike>();
  const started = () => {
    if (!context) throw new Error('begin() comes first');
    return context;
  };
  const harness: Harness = {
    log: [],
    barrier: 0,
    begin(settings, role) {
      const echo = makeEcho(settings);
      context = {
        echo,
        log: (...line) => harness.log.push(line),
        another(changes) {
          const name = JSON.stringify(changes);
          const other = others.get(name) ?? makeEcho({ ...settings, ...changes });
          others.set(name, other);
          return other;
        },
      };
      echo.connector.pusher.subscribe('barrier').bind('reached', (data: { barrier: number }) => {
        harness.barrier = data.barrier;
      });
      harness.play(0, role);
    },
    play: (index, role) => SCRIPT[index]?.[role]?.(started()),
    socketId: () => started().echo.socketId(),
  };
  return harness;
}
