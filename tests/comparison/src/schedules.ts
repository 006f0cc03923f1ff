/** The named schedules: each the shortest that leaves a naive cache with old rows. */
import type { Product } from '@echolite/test-support';
import type { Stage, StageOptions } from './stage.js';

export interface Named extends StageOptions {
  name: string;
  /** What happens, in one line. */
  story: string;
  /** Before any tab is open. */
  prepare?(stage: Stage): Promise<void>;
  /** With a tab open on each side, unless `opens` says that the schedule opens them. */
  run(stage: Stage): Promise<void>;
  opens?: boolean;
  /** What is to be shown, where it is not the products. */
  truth?(stage: Stage): Promise<{ id: number }[]>;
}

/** A change of row 3 that can be told from others. */
const stock = (stock: number): Partial<Product> => ({ stock });

export const SCHEDULES: readonly Named[] = [
  {
    name: 'two updates in one second',
    story: 'Laravel’s timestamps; a row is changed twice within a second, and the events arrive swapped',
    facts: 'timestamps',
    async run(stage) {
      stage.faults((proxy) => proxy.swap());
      await secondBegins(stage);
      await stage.backEnd.change(3, stock(101));
      await stage.backEnd.change(3, stock(102));
    },
  },
  {
    name: 'a queued update after the delete',
    story: 'Laravel’s timestamps; `updated` waits in a queue while `deleted` goes at once',
    facts: 'timestamps',
    async run(stage) {
      stage.faults((proxy) => proxy.swap());
      await secondBegins(stage);
      await stage.backEnd.change(3, stock(101));
      await stage.backEnd.remove(3);
    },
  },
  {
    name: 'an event during a reconnect',
    story: 'the socket is cut; a row is changed before it is back',
    async run(stage) {
      stage.faults((proxy) => proxy.cut());
      await stage.backEnd.change(3, stock(101));
    },
  },
  {
    name: 'an outage',
    story: 'the socket is cut, and the server refuses everybody for two seconds; a row is changed meanwhile',
    async run(stage) {
      stage.faults((proxy) => {
        proxy.refuse();
        proxy.cut();
      });
      await stage.backEnd.change(3, stock(101));
      await stage.pause(2_000);
    },
  },
  {
    name: 'two events swapped',
    story: 'a row is changed twice, and the events arrive in the other order',
    async run(stage) {
      stage.faults((proxy) => proxy.swap());
      await stage.backEnd.change(3, stock(101));
      await stage.backEnd.change(3, stock(102));
    },
  },
  {
    name: 'a read that overlaps an event',
    story: 'a page opens; its read is answered late, and a row is changed before the answer arrives',
    opens: true,
    async run(stage) {
      stage.faults((proxy) => proxy.delayAnswers(2_000));
      await stage.each((side) => side.open());
      await stage.pause(500);
      await stage.backEnd.change(3, stock(101));
      await stage.pause(2_500);
    },
  },
  {
    name: 'an event that is lost',
    story: 'the job that was to publish a change fails; nothing else happens',
    async run(stage) {
      stage.faults((proxy) => proxy.swallow());
      await stage.backEnd.change(3, stock(101));
    },
  },
  {
    name: 'an event that is lost, and another',
    story: 'the job that was to publish a change fails; then another row is changed',
    async run(stage) {
      stage.faults((proxy) => proxy.swallow());
      await stage.backEnd.change(3, stock(101));
      await stage.backEnd.change(4, stock(102));
    },
  },
  {
    name: 'a second tab that writes late',
    story:
      'the socket of a second tab is dead; a row is changed; the second tab is looked at; both close, one opens',
    async run(stage) {
      await stage.each((side) => side.open());
      await stage.settled();
      stage.faults((proxy) => proxy.loseNewest());
      await stage.backEnd.change(3, stock(101));
      await stage.pause(500);
      await stage.each(async ({ tabs }) => {
        await tabs[1]?.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
      });
      await stage.pause(1_000);
      await stage.each((side) => side.closeTabs());
      await stage.each((side) => side.open());
    },
  },
  {
    name: '304 after a patch and a missed revert',
    story:
      'digests as ETags, no timestamps; a row is changed and changed back, the second event is lost; a reconnect',
    facts: 'none',
    async run(stage) {
      const { stock: before } = await stage.backEnd.demo.product(3);
      await stage.backEnd.change(3, stock(101));
      await stage.pause(300);
      stage.faults((proxy) => proxy.swallow());
      await stage.backEnd.change(3, stock(before));
      await stage.pause(300);
      stage.faults((proxy) => proxy.cut());
    },
  },
  {
    name: 'sleep',
    story: 'the pages are frozen and the network is gone; a row is changed; four seconds later both are back',
    async run(stage) {
      await stage.each((side) => freeze(side, true));
      stage.faults((proxy) => proxy.darken());
      await stage.backEnd.change(3, stock(101));
      await stage.pause(4_000);
      stage.faults((proxy) => proxy.light(true));
      await stage.each((side) => freeze(side, false));
    },
  },
  {
    name: 'a server that crashes',
    story: 'the server is killed while rows are changed, and comes back on the same data',
    async run(stage) {
      const edits = [101, 102, 103].map((count) => stage.backEnd.change(3, stock(count)));
      await Promise.all([...edits, stage.backEnd.crash()]);
    },
  },
  {
    name: 'a restored backup',
    story: 'rows are changed; the server comes back on data from before, and another row is changed',
    prepare: (stage) => stage.backEnd.save(),
    async run(stage) {
      await stage.backEnd.change(3, stock(101));
      await stage.pause(300);
      await stage.backEnd.restore();
      await stage.backEnd.change(4, stock(102));
    },
  },
  {
    name: 'a restored backup, and versions again',
    story: 'the same, but the row that had been changed is changed again: its counter repeats',
    prepare: (stage) => stage.backEnd.save(),
    async run(stage) {
      await stage.backEnd.change(3, stock(101));
      await stage.pause(300);
      await stage.backEnd.restore();
      await stage.backEnd.change(3, stock(102));
    },
  },
  {
    name: 'a tab that crashes',
    story: 'of two tabs the first, which holds the store, crashes; a row is changed at once',
    async run(stage) {
      await stage.each((side) => side.open());
      await stage.settled();
      await stage.each(async ({ tabs }) => {
        const [first] = tabs.splice(0, 1);
        await first?.kill(true);
      });
      await stage.backEnd.change(3, stock(101));
    },
  },
  {
    name: 'steady events',
    story: 'forty changes in four seconds, of three rows',
    async run(stage) {
      for (let count = 0; count < 40; count++) {
        await stage.backEnd.change(3 + (count % 3), stock(count));
        await stage.pause(80);
      }
    },
  },
];

/** Until a second has just begun: what follows shares its timestamp. */
function secondBegins(stage: Stage): Promise<void> {
  return stage.pause(1_050 - (Date.now() % 1_000));
}

/** As a browser does with a tab before the machine sleeps. */
async function freeze({ tabs, context }: Stage['sides'][number], isFrozen: boolean): Promise<void> {
  for (const { page } of tabs) {
    const session = await context.newCDPSession(page);
    await session.send('Page.setWebLifecycleState', { state: isFrozen ? 'frozen' : 'active' });
    await session.detach();
  }
}
