import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Echo, type EchoOptions, type Members } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { fakePorts, only } from '../support/fake-port.js';

interface User {
  name: string;
}

const ROOM = 'presence-room';
const ADA = { name: 'Ada' };
const BOB = { name: 'Bob' };

const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();

beforeEach(() => {
  fetched.mockReset();
  vi.stubGlobal('fetch', fetched);
  authorizedAs('{"user_id":1,"user_info":{"name":"Ada"}}');
});

function authorizedAs(channelData: string | undefined): void {
  const body = JSON.stringify({ auth: 'k:sig', channel_data: channelData });
  fetched.mockImplementation(async () => new Response(body));
}

/** An Echo whose server lets it join the room with these members, as often as it likes. */
function setUp(options: Partial<EchoOptions> = {}) {
  const { port, made } = fakePorts();
  const echo = new Echo({ broadcaster: 'reverb', key: 'key', port, ...options });
  const fake = only(made);
  const event = (name: string, data: unknown) => fake.onevent('event', ROOM, name, data, undefined);
  let request = 0;
  const authorize = async () => {
    fake.onevent('connection', 'connected', '', '1.2');
    fake.onevent('authorize', ++request, ROOM, '1.2');
    await eventually(() => expect(fake.named('authorized')).toHaveLength(request));
    return fake.named('authorized').at(-1)?.[2];
  };
  const join = async (hash: Record<string, unknown>) => {
    await authorize();
    const ids = Object.keys(hash);
    event('pusher:subscription_succeeded', { presence: { ids, hash, count: ids.length } });
  };
  const comes = (user_id: unknown, user_info: unknown) =>
    event('pusher:member_added', { user_id, user_info });
  const goes = (user_id: unknown) => event('pusher:member_removed', { user_id });
  const lose = () => fake.onevent('connection', 'connecting', 'socket closed', undefined);
  return { echo, fake, event, authorize, join, comes, goes, lose };
}

describe('join', () => {
  it('tells who is here, who comes and who goes', async () => {
    const { echo, fake, join, comes, goes } = setUp();
    const calls: unknown[] = [];
    const channel = echo
      .join<User>('room')
      .here((users) => calls.push(['here', users.map(({ name }) => name)]))
      .joining(({ name }) => calls.push(['joining', name]))
      .leaving(({ name }) => calls.push(['leaving', name]));
    expect(fake.named('subscribe')).toEqual([['subscribe', ROOM]]);
    expect(echo.join('room')).toBe(channel);
    await join({ 1: ADA });
    comes(2, BOB);
    goes('2');
    expect(calls).toEqual([
      ['here', ['Ada']],
      ['joining', 'Bob'],
      ['leaving', 'Bob'],
    ]);
  });

  it('tells who is here again after a reconnect, and nothing of those who left meanwhile', async () => {
    const { echo, join, goes, lose } = setUp();
    const [here, leaving] = [vi.fn(), vi.fn()];
    const { members } = echo.join<User>('room').here(here).leaving(leaving).subscription;
    await join({ 1: ADA, 2: BOB });
    expect(members).toMatchObject({ count: 2, myID: 1, me: { id: 1, info: ADA } });
    lose();
    expect(members).toEqual({ members: {}, count: 0, myID: null, me: null });
    await join({ 1: ADA });
    goes(2);
    expect(here.mock.calls).toEqual([[[ADA, BOB]], [[ADA]]]);
    expect(leaving).not.toHaveBeenCalled();
    expect(members).toMatchObject({ count: 1, me: { id: 1, info: ADA } });
  });

  it('calls once for each callback and frame, and counts a user once', async () => {
    const { echo, join, comes, goes } = setUp();
    const [joining, leaving] = [vi.fn(), vi.fn()];
    echo.join('room').joining(joining).leaving(leaving);
    echo.join('room').joining(joining);
    const { members } = echo.connector.pusher.subscribe(ROOM);
    await join({ 1: ADA });
    comes('1', { name: 'Ada L.' });
    expect(joining).toHaveBeenCalledTimes(2);
    expect([members.count, members.get('1')]).toEqual([1, { id: '1', info: { name: 'Ada L.' } }]);
    goes(1);
    goes(1);
    expect(leaving).toHaveBeenCalledOnce();
    expect(members.count).toBe(0);
  });

  it('whispers, and tells who whispered', async () => {
    const { echo, fake } = setUp();
    const heard = vi.fn();
    echo.join('room').listenForWhisper('typing', heard).whisper('typing', { on: true });
    expect(fake.named('trigger')).toEqual([['trigger', ROOM, 'client-typing', { on: true }]]);
    fake.onevent('event', ROOM, 'client-typing', { on: false }, '2');
    expect(heard).toHaveBeenCalledWith({ on: false }, { user_id: '2' });
  });

  it('leaves, and joins anew', async () => {
    const { echo, fake, join, comes } = setUp();
    const joining = vi.fn();
    const before = echo.join('room').joining(joining);
    await join({ 1: ADA });
    echo.leave('room');
    comes(2, BOB);
    expect(joining).not.toHaveBeenCalled();
    expect(echo.join('room')).not.toBe(before);
    expect(fake.posted.slice(-2)).toEqual([
      ['unsubscribe', ROOM],
      ['subscribe', ROOM],
    ]);
  });
});

describe("pusher-js's channel", () => {
  it('has the members, and tells of them as pusher-js does', async () => {
    const { echo, join, comes, goes } = setUp();
    const { pusher } = echo.connector;
    const channel = pusher.subscribe(ROOM);
    const [heard, everywhere, messages] = [vi.fn(), vi.fn(), vi.fn()];
    channel.bind_global(heard);
    pusher.bind_global(everywhere);
    pusher.connection.bind('message', messages);
    await join({ 1: ADA, b: null });
    comes(3, BOB);
    goes(3);
    expect(heard.mock.calls).toEqual([
      ['pusher:subscription_succeeded', channel.members],
      ['pusher:member_added', { id: 3, info: BOB }],
      ['pusher:member_removed', { id: 3, info: BOB }],
    ]);
    expect(everywhere).not.toHaveBeenCalled();
    expect(messages.mock.lastCall?.[0]).toMatchObject({
      event: 'pusher_internal:member_removed',
      channel: ROOM,
      data: { user_id: 3 },
    });
    const each = vi.fn();
    channel.members.each(each);
    expect(each.mock.calls).toEqual([[{ id: '1', info: ADA }], [{ id: 'b', info: null }]]);
    expect([channel.members.get('b'), channel.members.get('toString')]).toEqual([
      { id: 'b', info: null },
      null,
    ]);
  });

  it("takes PHP's empty list for no members, and ids of any kind", async () => {
    const { echo, event, authorize, comes } = setUp();
    const told = vi.fn<(members: Members) => void>();
    const { members } = echo.connector.pusher.subscribe(ROOM).bind('pusher:subscription_succeeded', told);
    await authorize();
    event('pusher:subscription_succeeded', { presence: { ids: [], hash: [], count: 0 } });
    comes(0, undefined);
    comes('constructor', ADA);
    expect(members.members).toEqual({ 0: undefined, constructor: ADA });
    expect(members).toMatchObject({ count: 2, me: null });
    expect(told).toHaveBeenCalledExactlyOnceWith(members);
  });
});

describe('who joins', () => {
  it('is who the authorisation says, whose reply goes on to the engine', async () => {
    const { echo, authorize } = setUp();
    const { members } = echo.connector.pusher.subscribe(ROOM);
    const channelData = '{"user_id":"u-7","user_info":{}}';
    authorizedAs(channelData);
    expect(await authorize()).toEqual({ ok: true, auth: 'k:sig', channelData });
    expect(members.myID).toBe('u-7');
  });

  it('is who signed in, where the authorisation does not say', async () => {
    const { echo, fake, authorize, event } = setUp();
    const { members } = echo.join('room').subscription;
    authorizedAs(undefined);
    echo.connector.signin();
    const replying = authorize();
    await eventually(() => expect(fetched).toHaveBeenCalled());
    fake.onevent('signedIn', '{"id":"7"}');
    expect(await replying).toEqual({ ok: true, auth: 'k:sig' });
    event('pusher:subscription_succeeded', { presence: { ids: ['7'], hash: { 7: ADA }, count: 1 } });
    expect(members.me).toEqual({ id: '7', info: ADA });
  });

  it.each<[string, string | undefined, RegExp]>([
    ['nobody', undefined, /^presence-room: the authorisation has no `channel_data`, and must say who joins/],
    ['no JSON', 'Ada', /has the `channel_data` Ada, and must say/],
    ['nobody in particular', '{"user_info":{}}', /has the `channel_data` {"user_info":{}}, and must say/],
  ])('is missed, and the fix named: %s', async (_what, channelData, message) => {
    const { echo, authorize } = setUp();
    echo.join('room');
    authorizedAs(channelData);
    expect(await authorize()).toEqual({ ok: false, status: 200, message: expect.stringMatching(message) });
  });

  it('is missed, too, when signing in failed', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const { echo, fake, authorize } = setUp();
    echo.join('room');
    authorizedAs(undefined);
    echo.connector.signin();
    const replying = authorize();
    await eventually(() => expect(fetched).toHaveBeenCalled());
    fake.onevent('signInFailed', 403, 'no');
    expect(await replying).toMatchObject({ ok: false });
  });

  it('is nobody when the authorisation was refused', async () => {
    const { echo, authorize } = setUp();
    const { members } = echo.join('room').subscription;
    fetched.mockImplementation(async () => new Response('{}', { status: 403 }));
    expect(await authorize()).toMatchObject({ ok: false, status: 403 });
    expect(members.myID).toBeNull();
  });
});

describe('listening to who comes and goes', () => {
  it('is stopped by the callback, or as a whole, and nothing else with it', async () => {
    const { echo, join, comes, goes, event } = setUp();
    const [here, there, subscribed] = [vi.fn(), vi.fn(), vi.fn()];
    const [joining, other, leaving, error] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()];
    const channel = echo
      .join<User>('room')
      .here(here)
      .here(there)
      .subscribed(subscribed)
      .joining(joining)
      .joining(other)
      .leaving(leaving)
      .error(error);
    channel.stopListeningForHere(here).stopListeningForJoining(joining);
    await join({ 1: ADA });
    comes(2, BOB);
    goes(2);
    expect(
      [here, there, subscribed, joining, other, leaving].map((heard) => heard.mock.calls.length),
    ).toEqual([0, 1, 1, 0, 1, 1]);
    channel.stopListeningForHere().stopListeningForJoining().stopListeningForLeaving();
    await join({ 1: ADA });
    comes(2, BOB);
    goes(2);
    expect([there, subscribed, other, leaving].map((heard) => heard.mock.calls.length)).toEqual([1, 2, 1, 1]);
    channel.stopListeningForSubscribed(subscribed).stopListeningForError(error);
    event('pusher:subscription_succeeded', { presence: { ids: [], hash: {}, count: 0 } });
    expect(subscribed).toHaveBeenCalledTimes(2);
  });

  it("is stopped by the event's name, too", async () => {
    const { echo, join, comes } = setUp();
    const [joining, other] = [vi.fn(), vi.fn()];
    const channel = echo.join<User>('room').joining(joining).joining(other);
    channel.stopListening('.pusher:member_added', joining);
    await join({ 1: ADA });
    comes(2, BOB);
    channel.stopListening('.pusher:member_added');
    comes(3, BOB);
    expect([joining.mock.calls.length, other.mock.calls.length]).toEqual([0, 1]);
  });
});

describe('members whose ids are words of JavaScript', () => {
  const WORDS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'length'];

  it.each(WORDS)('%s comes and goes as any other', async (word) => {
    const { echo, join, comes, goes } = setUp();
    const { members } = echo.join<User>('room').subscription;
    await join({ 1: ADA });
    expect(members.get(word)).toBeNull();
    goes(word);
    expect(members.count).toBe(1);
    comes(word, BOB);
    comes(word, BOB);
    expect([members.count, members.get(word), Object.keys(members.members)]).toEqual([
      2,
      { id: word, info: BOB },
      ['1', word],
    ]);
    const seen: unknown[] = [];
    members.each(({ id, info }) => seen.push([id, info]));
    expect(seen).toEqual([
      ['1', ADA],
      [word, BOB],
    ]);
    goes(word);
    expect([members.count, members.get(word), Object.getPrototypeOf(members.members)]).toEqual([
      1,
      null,
      Object.prototype,
    ]);
  });

  it.each(WORDS)('%s is there when the channel is joined', async (word) => {
    const { echo, join } = setUp();
    const here = vi.fn();
    const { members } = echo.join<User>('room').here(here).subscription;
    await join(JSON.parse(`{"${word}":{"name":"Bob"}}`));
    expect([members.count, members.get(word)]).toEqual([1, { id: word, info: BOB }]);
    expect(here).toHaveBeenCalledExactlyOnceWith([BOB]);
  });
});
