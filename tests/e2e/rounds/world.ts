/** A back end, a proxy that fails before it, and tabs that follow its list: plays rounds and judges them. */
import { setTimeout as pause } from 'node:timers/promises';
import {
  BackEnd,
  describeStep,
  type EventLog,
  type Facts,
  FaultProxy,
  type Frame,
  inject,
  isBroadcast,
  type Kind,
  type ProxySocket,
  Random,
  rewriteTo,
  rowWith,
  type Schedule,
  type Step,
  Tab,
  toldBy,
  until,
} from '@echolite/test-support';
import type { Browser, BrowserContext } from 'playwright-core';
import { type Connection, describeWrong, firstLie, freshTime } from './judge.js';
import { Trace } from './trace.js';

/** From the quiet until everything is fresh and right, at most; milliseconds. */
const SETTLES_WITHIN = 5_000;
/** A tab samples itself every 50 ms. On a machine too busy for that, it may take as many samples as make 5 s. */
const SAMPLES = SETTLES_WITHIN / 50;
/** Then something hangs. */
const GIVES_UP_AFTER = 60_000;
/** A tab that is asked what it knows answers by then; milliseconds. */
const ANSWERS_WITHIN = 2_000;

/** Silence is noticed after `activityTimeout` and `pongTimeout`: together well within what a round has to settle. */
const OPTIONS = { activityTimeout: 2_000, pongTimeout: 1_500 };
/** Where events get lost before they reach the server, only a read can tell. */
const VERIFY_INTERVAL = 2_000;

/** What may happen in a world, and what it is called. */
export interface WorldKind extends Kind {
  name: string;
  /** What the back end tells of its rows. */
  facts: Facts;
}

export interface RoundResult {
  light: boolean;
  /** Milliseconds of each tab from the quiet until it was fresh and right. */
  settled: number[];
  fresh: number;
  watched: number;
  reads: number;
  edits: number;
}

/** What broke, with the trace that led to it. */
class RoundFailure extends Error {}

export class World {
  readonly kind: WorldKind;
  readonly injected = new Map<string, number>();
  readonly #backEnd: BackEnd;
  readonly #context: BrowserContext;
  readonly #trace = new Trace();
  readonly #connections = new Map<string, Connection & { log: EventLog; isClosed: boolean }>();
  #proxy!: FaultProxy;
  #tabs: Tab[] = [];
  /** Tabs that were killed in this round: what they showed is judged, too. */
  #killed: Tab[] = [];

  private constructor(kind: WorldKind, backEnd: BackEnd, context: BrowserContext) {
    this.kind = kind;
    this.#backEnd = backEnd;
    this.#context = context;
  }

  static async start(browser: Browser, kind: WorldKind, files: FaultProxyFiles): Promise<World> {
    const backEnd = await BackEnd.start((row) => rowWith(kind.facts, row));
    const world = new World(kind, backEnd, await browser.newContext());
    world.#proxy = await FaultProxy.start({
      upstream: world.#backEnd.demo.port,
      files,
      rewrite: rewriteTo(kind.facts),
      watch: {
        arrived: (socket, frame) => world.#arrived(socket, frame),
        closed: ({ socketId }) => {
          const connection = world.#connections.get(socketId);
          if (connection) connection.isClosed = true;
        },
      },
    });
    world.#trace.begin(`${kind.name}, the first tabs`);
    try {
      for (let tab = 0; tab < kind.tabs; tab++) world.#tabs.push(await world.#open(tab));
      await world.#settle(Date.now());
    } catch (error) {
      await world.end();
      throw new RoundFailure(`${(error as Error).message}\n${world.#trace}`);
    }
    return world;
  }

  /** @throws {RoundFailure} where a tab was wrong and said `fresh`, or was not fresh and right in time. */
  async round(schedule: Schedule): Promise<RoundResult> {
    this.#trace.begin(`${this.kind.name}, ${schedule.light ? 'light' : 'heavy'} load, seed ${schedule.seed}`);
    const readsBefore = this.#proxy.reads.length;
    for (const tab of this.#tabs) tab.samples.splice(0, tab.samples.length - 1);
    try {
      await this.#play(schedule);
      this.#proxy.quiet();
      await this.#backEnd.idle();
      this.#trace.add('quiet', '');
      const settled = await this.#settle(Date.now());
      this.#judge();
      const times = this.#tabs.map((tab) => freshTime(tab.samples));
      return {
        light: schedule.light,
        settled,
        fresh: sum(times.map(({ fresh }) => fresh)),
        watched: sum(times.map(({ whole }) => whole)),
        reads: this.#proxy.reads.length - readsBefore,
        edits: schedule.steps.filter((step) => step.do === 'edit').length,
      };
    } catch (error) {
      throw new RoundFailure(`${(error as Error).message}\n${this.#trace}`);
    }
  }

  async end(): Promise<void> {
    for (const [fault, count] of this.#proxy.injected) this.#count(fault, count);
    await this.#context.close();
    await this.#proxy.close();
    await this.#backEnd.end();
  }

  async #play({ seed, steps }: Schedule): Promise<void> {
    const random = new Random(seed ^ 0x5eed);
    const began = performance.now();
    const underWay: Promise<void>[] = [];
    for (const step of steps) {
      await pause(Math.max(0, began + step.at - performance.now()));
      if (step.do !== 'edit') this.#trace.add('fault', describeStep(step));
      const acted = this.#act(step, random);
      // it is waited for below; until then a failure is nobody's
      acted.catch(() => {});
      underWay.push(acted);
    }
    await Promise.all(underWay);
  }

  async #act(step: Step, random: Random): Promise<void> {
    if (inject(this.#proxy, step)) return;
    switch (step.do) {
      case 'edit':
        return this.#trace.add('edit', await this.#backEnd.any(random, step.carries));
      case 'kill the server':
        this.#count('server killed');
        return this.#backEnd.crash();
      case 'kill a tab':
        return this.#kill(step.tab, step.crash);
    }
  }

  async #kill(place: number, crash: boolean): Promise<void> {
    const tab = this.#tabs[place];
    // a crash may take a tab of the same process along, and two schedules may name one tab
    if (!tab || this.#killed.includes(tab)) return;
    this.#count(crash ? 'tab crashed' : 'tab closed');
    this.#killed.push(tab);
    await tab.kill(crash);
    this.#tabs[place] = await this.#open(place);
  }

  #open(place: number): Promise<Tab> {
    const { facts } = this.kind;
    const options = { ...OPTIONS, facts, ...(this.kind.lossy && { verifyInterval: VERIFY_INTERVAL }) };
    const words = Object.entries(options).map(([name, value]) => `${name}=${value}`);
    const trace = (line: string) => this.#trace.add(`tab ${place}`, line);
    return Tab.open(this.#context, `${this.#proxy.url}/?${words.join('&')}`, trace);
  }

  #arrived(socket: ProxySocket, frame: Frame): unknown {
    if (frame.event === 'pusher:connection_established') {
      const { delivered } = socket;
      this.#connections.set(socket.socketId, { ...this.#backEnd.logOf(), delivered, isClosed: false });
    }
    return isBroadcast(frame) ? this.#connections.get(socket.socketId)?.log.hear(toldBy(frame)) : undefined;
  }

  /** Until every tab says `fresh` and shows what the back end has; how long each took since the `quiet`. */
  async #settle(quiet: number): Promise<number[]> {
    const { truth } = this.#backEnd;
    const settled = new Map<Tab, number>();
    const isSettled = (tab: Tab) => {
      const { last } = tab;
      if (!last?.isFresh || last.at < quiet || truth.different(new Map(last.rows)).length > 0) return false;
      if (!settled.has(tab)) settled.set(tab, last.at - quiet);
      return true;
    };
    const isLate = (tab: Tab) =>
      !isSettled(tab) && tab.samples.filter(({ at }) => at > quiet).length > SAMPLES;
    const isOver = () =>
      this.#tabs.every(isSettled) || (Date.now() > quiet + SETTLES_WITHIN && this.#tabs.some(isLate));
    await until('fresh lists', isOver, GIVES_UP_AFTER);
    if (!this.#tabs.every(isSettled)) {
      const late = Date.now() - quiet;
      const states = await Promise.all(this.#tabs.map((tab, place) => this.#stateOf(tab, place)));
      throw new Error(`${late} ms after the quiet:\n  ${states.join('\n  ')}`);
    }
    return this.#tabs.map((tab) => settled.get(tab) ?? 0);
  }

  /** What a tab says, what is wrong with it, and all that its cache knows. */
  async #stateOf(tab: Tab, place: number): Promise<string> {
    const wrong = this.#backEnd.truth.different(new Map(tab.last?.rows)).map(describeWrong);
    // one that hangs must not keep the report of the others
    const inspected = tab.page.evaluate('inspect()').catch(String);
    const known = JSON.stringify(await Promise.race([inspected, pause(ANSWERS_WITHIN, 'no answer')]));
    return `tab ${place} says ${tab.last?.says ?? 'nothing'}; ${wrong.join('; ') || 'its rows are right'}; ${known}`;
  }

  #judge(): void {
    this.#backEnd.resolve();
    for (const [id, connection] of this.#connections) {
      connection.log.resolve();
      if (connection.isClosed && !this.#tabs.some((tab) => tab.last?.socket?.id === id)) continue;
    }
    for (const tab of [...this.#killed, ...this.#tabs]) {
      const lie = firstLie(tab.samples, this.#backEnd.truth, this.#connections);
      if (lie) throw new Error(`A tab lied ${this.#trace.when(lie.sample.at)}: ${lie.problem}`);
      const [error] = tab.errors;
      if (error !== undefined) throw new Error(`An error that nobody caught: ${error}`);
    }
    this.#killed = [];
    // what was closed in this round is of no interest in the next
    for (const [id, { isClosed }] of this.#connections) if (isClosed) this.#connections.delete(id);
  }

  #count(fault: string, count = 1): void {
    this.injected.set(fault, (this.injected.get(fault) ?? 0) + count);
  }
}

export type FaultProxyFiles = Parameters<typeof FaultProxy.start>[0]['files'];

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
