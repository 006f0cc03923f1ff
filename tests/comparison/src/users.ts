/** User B after user A, on one device: what is on the screen before the server has answered. */
import { canonical } from '@echolite/test-support';
import type { Named } from './schedules.js';
import type { Stage } from './stage.js';

/** As the demo seeds them. */
const EIR = 5;
const ADA = 1;

/** The demo's conversations are different for each user; `user.5` is Eir's own channel. */
const conversations = (user: number) => ({
  name: 'conversations',
  url: '/api/conversations',
  channel: `user.${user}`,
  event: 'ConversationChanged',
  facts: 'none' as const,
});

export const USERS: Named = {
  name: 'user B after user A',
  story: 'A closes the page without signing out; B signs in and opens it; the server does not answer yet',
  list: conversations(EIR),
  opens: true,
  async run(stage) {
    await stage.each((side) => side.signIn(EIR));
    await stage.open();
    // what is kept is written within a second
    await stage.pause(1_500);
    await stage.each((side) => side.closeTabs());
    await stage.each((side) => side.signIn(ADA));
    stage.faults((proxy) => proxy.delayAnswers(4_000));
    await stage.each((side) => {
      side.follow(conversations(ADA));
      return side.open();
    });
    await stage.pause(2_000);
    for (const side of stage.sides) {
      const shown = side.tabs[0]?.last?.rows ?? [];
      const own = new Set((await conversationsOf(stage)).map(canonical));
      const others = shown.filter(([, row]) => !own.has(row)).length;
      stage.notes.set(side, others > 0 ? `B is shown ${others} rows of A` : 'nothing of A is shown');
    }
    stage.faults((proxy) => proxy.delayAnswers(0));
  },
  truth: conversationsOf,
};

/** Those of whoever is signed in. */
async function conversationsOf({ sides, backEnd }: Stage): Promise<{ id: number }[]> {
  const [side] = sides;
  if (!side) throw new Error('there is nobody to ask');
  const answer = await side.context.request.get(`${backEnd.demo.url}/api/conversations`);
  return ((await answer.json()) as { data: { id: number }[] }).data;
}
