/** The chat: two people, two windows; what one says, types and reads, the other sees. */
import { describe, expect, it } from 'vitest';
import { BOOKS, ChatWindow, FRONT_COUNTER, NEW_ARRIVALS, ROPE_LOFT, USERS } from './chat-window.js';
import { stageForEach } from './stage.js';

const stage = stageForEach();

describe('two people in one conversation', () => {
  it('see what the other types, says and has read', async () => {
    const ada = await ChatWindow.as(stage, 'ada');
    const bram = await ChatWindow.as(stage, 'bram');
    await ada.follow(ROPE_LOFT);
    await bram.follow(ROPE_LOFT);

    await bram.page.locator('#text').pressSequentially('Soup');
    const isTyping = async () => (await ada.typing()).some(({ text }) => text === 'Bram is typing…');
    await ada.sees('Bram typing', isTyping);
    await bram.say('Soup at noon');
    await ada.hasMessage('Soup at noon');
    await ada.sees('nobody typing', async () => (await ada.text('#typing')) === '');
    await bram.hasMessage('Soup at noon');
    await bram.sees('Ada to have read it', async () =>
      (await bram.readersOf('Soup at noon')).includes('Ada'),
    );

    for (const number of [1, 2, 3, 4, 5]) await ada.say(`Bowl ${number}`);
    await bram.hasMessage('Bowl 5');
    const bowls = (await bram.messages()).map(({ text }) => text).filter((text) => text.startsWith('Bowl'));
    expect(bowls).toEqual(['Bowl 1', 'Bowl 2', 'Bowl 3', 'Bowl 4', 'Bowl 5']);
    await ada.sees('nothing pending', async () => (await ada.page.locator('.is-pending').count()) === 0);
    expect([...ada.errors, ...bram.errors]).toEqual([]);
  });

  it('see each other come and go', async () => {
    const ada = await ChatWindow.as(stage, 'ada');
    const bram = await ChatWindow.as(stage, 'bram');
    await ada.follow(FRONT_COUNTER);
    expect(await ada.here()).toEqual([USERS.ada]);
    await bram.follow(FRONT_COUNTER);
    const both = [USERS.ada, USERS.bram];
    expect(await bram.here()).toEqual(both);
    await ada.sees('Bram come', async () => (await ada.here()).join() === both.join());
    await bram.open(ROPE_LOFT);
    await ada.sees('Bram go', async () => (await ada.here()).length === 1);
    await bram.open(FRONT_COUNTER);
    await ada.sees('Bram come back', async () => (await ada.here()).length === 2);
    await bram.page.close();
    await ada.sees('Bram go for good', async () => (await ada.here()).length === 1);
  });
});

describe('a message in a conversation that is not open', () => {
  it('is announced and counted, until it is read', async () => {
    const ada = await ChatWindow.as(stage, 'ada');
    const bram = await ChatWindow.as(stage, 'bram');
    await ada.follow(FRONT_COUNTER);
    await bram.follow(NEW_ARRIVALS);
    expect(await bram.text('#nothing')).toContain('Nothing has been said here yet');
    await bram.say('Forty more marlinspikes');

    const toast = ada.page.locator(`.toast[data-conversation="${NEW_ARRIVALS}"]`);
    await toast.hover(); // it stays as long as the pointer is there
    expect(await toast.textContent()).toContain('Bram in New arrivals');
    await ada.sees('one unread', async () => (await ada.unread(NEW_ARRIVALS)) === 1);
    expect(await bram.readersOf('Forty more')).not.toContain('Ada');

    await toast.click();
    await ada.hasMessage('Forty more marlinspikes');
    await ada.sees('none unread', async () => (await ada.unread(NEW_ARRIVALS)) === 0);
    await bram.sees('Ada to have read it', async () => (await bram.readersOf('Forty more')).includes('Ada'));
  });

  it('is heard, once somebody has asked for it', async () => {
    const ada = await ChatWindow.as(stage, 'ada');
    const bram = await ChatWindow.as(stage, 'bram');
    await ada.follow(ROPE_LOFT);
    await bram.follow(ROPE_LOFT);
    const sound = ada.page.locator('#sound');
    await bram.say('Quietly');
    await ada.hasMessage('Quietly');
    expect(await sound.getAttribute('data-rung')).toBeNull();
    await sound.click(); // rings once, as a sample
    await bram.say('Loudly');
    await ada.sees('the bell to ring', async () => (await sound.getAttribute('data-rung')) === '2');
    await ada.say('My own');
    await ada.hasMessage('My own');
    expect(await sound.getAttribute('data-rung')).toBe('2');
  });

  it('is not read by a window that nobody sees', async () => {
    const ada = await ChatWindow.as(stage, 'ada');
    const bram = await ChatWindow.as(stage, 'bram');
    await ada.follow(ROPE_LOFT);
    await bram.follow(ROPE_LOFT);
    await ada.show('hidden');
    await bram.say('Anybody there?');
    await ada.hasMessage('Anybody there?');
    await ada.sees('one unread', async () => (await ada.unread(ROPE_LOFT)) === 1);
    expect(await ada.page.title()).toMatch(/^\(1\) /);
    // Bram's next message proves that the server has had time to hear of a reading.
    await bram.say('Hello?');
    await ada.hasMessage('Hello?');
    expect(await bram.readersOf('Anybody there?')).not.toContain('Ada');
    await ada.show('visible');
    await bram.sees('Ada to have read it', async () => (await bram.readersOf('Hello?')).includes('Ada'));
  });
});

describe('what the server allows', () => {
  it("is told when it is not: somebody else's conversation", async () => {
    const ada = await ChatWindow.as(stage, 'ada');
    await ada.open(BOOKS);
    await ada.page.locator('#refusal').waitFor();
    expect(await ada.text('#refusal-title')).toContain('is for its members');
    expect(await ada.text('#refusal-detail')).toContain('403');
    expect(await ada.page.locator('#composer').isVisible()).toBe(false);
    expect(await ada.messages()).toEqual([]);
    await ada.follow(FRONT_COUNTER);
    expect(await ada.page.locator('#refusal').isVisible()).toBe(false);
    expect((await ada.messages()).length).toBeGreaterThan(0);
  });

  it('ends with signing out, and nothing of it stays on the device', async () => {
    const window = await ChatWindow.as(stage, 'eir');
    await window.follow(BOOKS);
    await window.hasMessage('Note to self: forty left-handed marlinspikes.');
    await window.page.locator('#sign-out').click();
    await window.page.locator('#sign-in').waitFor();
    expect(await window.page.evaluate(storedTexts)).not.toContain('marlinspikes');
    const answer = await window.page.request.get(`${stage.demo.url}/api/conversations/${BOOKS}/messages`);
    expect(answer.status()).toBe(401);

    await window.signIn('ada');
    await window.open(BOOKS);
    await window.page.locator('#refusal').waitFor();
    expect(await window.messages()).toEqual([]);
  });
});

/** Everything in this origin's databases, as one text; runs in the page. */
async function storedTexts(): Promise<string> {
  const texts: string[] = [];
  const settled = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  for (const { name } of await indexedDB.databases()) {
    if (name === undefined) continue;
    const database = await settled(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const rows = await settled(database.transaction(store).objectStore(store).getAll());
      texts.push(JSON.stringify(rows));
    }
    database.close();
  }
  return texts.join('\n');
}
