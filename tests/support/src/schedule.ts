/** What happens in a round, and when: by its seed alone. */
import type { Carries } from './demo.js';
import type { FaultProxy } from './fault-proxy.js';
import { Random } from './random.js';

export type Action =
  | { do: 'edit'; carries: Carries }
  | { do: 'cut'; within: boolean }
  /** The next two events change places. */
  | { do: 'swap' }
  /** The next event is lost: a queued job that failed. */
  | { do: 'swallow' }
  | { do: 'late frames'; by: number }
  | { do: 'late answers'; by: number }
  | { do: 'late requests'; by: number }
  | { do: 'refuse' }
  | { do: 'serve' }
  | { do: 'darken' }
  /** `lost`: connections from before are forgotten. */
  | { do: 'light'; lost: boolean }
  | { do: 'kill the server' }
  | { do: 'kill a tab'; tab: number; crash: boolean };

export type Step = Action & { /** Milliseconds since the round began. */ at: number };

export interface Schedule {
  seed: number;
  /** Light load: about an edit a second, and one fault at most. */
  light: boolean;
  steps: Step[];
}

/** What may happen. */
export interface Kind {
  /** What events carry. */
  carries: readonly Carries[];
  /** Whether events get lost before they reach the server. */
  lossy: boolean;
  tabs: number;
}

const LIGHT = { length: 3_000, edits: 3 };
const HEAVY = { length: 2_500, edits: 12 };

type Fault = (random: Random, at: number, kind: Kind) => Step[];

/** The faults by name. Each ends by itself; what a cut or a kill leads to ends in the quiet. */
const FAULTS: Record<string, Fault> = {
  cut: (random, at) => [{ at, do: 'cut', within: random.chance(0.5) }],
  'late frames': (random, at) => [
    { at, do: 'late frames', by: random.between(50, 600) },
    { at: at + random.between(300, 1_200), do: 'late frames', by: 0 },
  ],
  'late answers': (random, at) => [
    { at, do: 'late answers', by: random.between(50, 900) },
    { at: at + random.between(300, 1_200), do: 'late answers', by: 0 },
  ],
  'late requests': (random, at) => [
    { at, do: 'late requests', by: random.between(50, 600) },
    { at: at + random.between(300, 1_200), do: 'late requests', by: 0 },
  ],
  swap: (_, at) => [{ at, do: 'swap' }],
  swallow: (_, at) => [{ at, do: 'swallow' }],
  'half-open': (random, at) => [
    { at, do: 'darken' },
    { at: at + random.between(300, 1_000), do: 'light', lost: random.chance(0.5) },
  ],
  refuse: (random, at) => [
    { at, do: 'refuse' },
    { at: at + 10, do: 'cut', within: false },
    { at: at + random.between(200, 800), do: 'serve' },
  ],
  'kill the server': (_, at) => [{ at, do: 'kill the server' }],
  'kill a tab': (random, at, kind) => [
    { at, do: 'kill a tab', tab: random.between(0, kind.tabs - 1), crash: random.chance(0.5) },
  ],
};

/** Faults after which the list need not be read for long: what light load may bring. */
const LIGHT_FAULTS = ['cut', 'late frames', 'late answers', 'swap'];

export function scheduleOf(seed: number, kind: Kind, light: boolean): Schedule {
  const random = new Random(seed);
  const { length, edits } = light ? LIGHT : HEAVY;
  const steps: Step[] = [];
  for (let count = 0; count < edits; count++) {
    steps.push({ at: random.between(0, length), do: 'edit', carries: random.pick(kind.carries) });
  }
  const names = light ? LIGHT_FAULTS : Object.keys(FAULTS).filter((name) => kind.lossy || name !== 'swallow');
  const faults = light ? random.between(0, 1) : random.between(2, 4);
  for (let count = 0; count < faults; count++) {
    const fault = FAULTS[random.pick(names)];
    if (fault) steps.push(...fault(random, random.between(0, length - 500), kind));
  }
  // stable: what was drawn first comes first
  steps.sort((one, other) => one.at - other.at);
  return { seed, light, steps };
}

export function describeStep({ at, do: what, ...details }: Step): string {
  const words = Object.entries(details).map(([name, value]) => `${name} ${value}`);
  return [what, ...words].join(' ');
}

/** Has a proxy fail as a step says; `false` where the step is not the proxy's. */
export function inject(proxy: FaultProxy, step: Action): boolean {
  switch (step.do) {
    case 'cut':
      proxy.cut(step.within);
      return true;
    case 'swap':
      proxy.swap();
      return true;
    case 'swallow':
      proxy.swallow();
      return true;
    case 'late frames':
      proxy.delayFrames(step.by);
      return true;
    case 'late answers':
      proxy.delayAnswers(step.by);
      return true;
    case 'late requests':
      proxy.delayRequests(step.by);
      return true;
    case 'refuse':
    case 'serve':
      proxy.refuse(step.do === 'refuse');
      return true;
    case 'darken':
      proxy.darken();
      return true;
    case 'light':
      proxy.light(step.lost);
      return true;
    default:
      return false;
  }
}
