/** Catching up with the real server: long absence, a second device, read marks, recall, lost frames. */
import { beforeEach, expect, test } from 'vitest';
import {
  account,
  credentials,
  friends,
  online,
  page,
  person,
  portOf,
  server,
  serveAgain,
  texts,
  type Person,
} from './people.ts';

beforeEach(async () => {
  const port = portOf();
  await server.stop();
  await serveAgain(port, { sessions: 'many' });
});

const runtime = ({ session }: Person) => session.runtime();
const send = async (who: Person, id: string, words: readonly string[]) => {
  for (const text of words) await (await runtime(who)).sendText(id, text);
};
const delivered = (who: Person, id: string) =>
  expect
    .poll(async () => (await page(who, id)).every(({ status }) => status === 'sent' || status === 'read'), {
      timeout: 50_000,
    })
    .toBe(true);
const row = async (who: Person, id: string) =>
  (await (await runtime(who)).listConversations()).conversations.find((one) => one.id === id);
const back = async (who: Person) => {
  who.session.restore();
  await online(who);
};

/** Everything, as a person sees it who scrolls up to the beginning. */
async function scrollUp(who: Person, conversationId: string): Promise<string[]> {
  const seen = await page(who, conversationId);
  for (;;) {
    const before = seen[0]?.position;
    if (before === undefined) return [];
    const older = await (await runtime(who)).page({ conversationId, before, limit: 200 });
    seen.unshift(...older.messages);
    if (!older.hasOlder) break;
  }
  return seen.flatMap(({ content }) => (content.kind === 'text' ? [content.text] : []));
}

async function secondDevice(username: string): Promise<Person> {
  const other = person(`${username}-second`);
  await other.session.connect(server.origin);
  await other.session.signIn(credentials(username));
  await online(other);
  return other;
}

test('two thousand messages while away: online at once, nothing missing, unread exact', async () => {
  const { ann, bob, withBob, withAnn } = await friends();
  await bob.session.close();
  const written = Array.from({ length: 2_000 }, (_, index) => `message ${index}`);
  await send(ann, withBob, written);
  await delivered(ann, withBob);

  const again = person('bob01', bob.settings);
  await back(again);
  await expect
    .poll(async () => (await texts(again, withAnn)).at(-1), { timeout: 20_000 })
    .toBe('message 1999');
  await expect.poll(async () => (await row(again, withAnn))?.unread).toBe(2_000);
  expect(await scrollUp(again, withAnn)).toEqual(written);
}, 120_000);

test('a second, fresh device has the history of the first, and what either sends', async () => {
  const { ann, bob, withBob, withAnn } = await friends();
  const written = Array.from({ length: 240 }, (_, index) => `message ${index}`);
  await send(ann, withBob, written);
  await expect.poll(async () => (await texts(bob, withAnn)).at(-1), { timeout: 30_000 }).toBe('message 239');
  await (await runtime(bob)).setActive({ conversationId: withAnn, focused: true });
  await delivered(ann, withBob);

  const second = await secondDevice('ann01');
  await expect
    .poll(async () => (await texts(second, withBob)).at(-1), { timeout: 20_000 })
    .toBe('message 239');
  expect(await scrollUp(second, withBob)).toEqual(written);
  await send(second, withBob, ['from the second']);
  await expect.poll(() => texts(ann, withBob)).toContain('from the second');
  expect((await page(ann, withBob)).at(-1)).toMatchObject({ own: true });
  expect(ann.session.state.phase).toBe('signed-in');
});

test('reading on one device reads on the other, and the sender sees it', async () => {
  const { ann, bob, withBob, withAnn } = await friends();
  const second = await secondDevice('bob01');
  await send(ann, withBob, ['one', 'two', 'three']);
  for (const device of [bob, second])
    await expect.poll(async () => (await row(device, withAnn))?.unread).toBeGreaterThanOrEqual(3);
  expect((await page(ann, withBob)).at(-1)?.status).toBe('sent');
  await (await runtime(second)).setActive({ conversationId: withAnn, focused: true });
  await expect.poll(async () => (await row(bob, withAnn))?.unread, { timeout: 10_000 }).toBe(0);
  await expect.poll(async () => (await page(ann, withBob)).at(-1)?.status).toBe('read');
});

test('a mark made while the server was down is told after a restart of the app', async () => {
  const { ann, bob, withBob, withAnn } = await friends();
  await send(ann, withBob, ['one']);
  await expect.poll(() => texts(bob, withAnn)).toEqual(['one']);
  const port = portOf();
  await server.stop();
  await (await runtime(bob)).setActive({ conversationId: withAnn, focused: true });
  expect((await row(bob, withAnn))?.unread).toBe(0);
  await bob.session.close();
  await serveAgain(port, { sessions: 'many' });
  (await runtime(ann)).reconnectNow();
  await back(person('bob01', bob.settings));
  await expect.poll(async () => (await page(ann, withBob)).at(-1)?.status, { timeout: 20_000 }).toBe('read');
});

test('a recall reaches who was away, whether or not they had the message', async () => {
  const { ann, bob, withBob, withAnn } = await friends();
  await send(ann, withBob, ['known', 'kept']);
  await expect.poll(() => texts(bob, withAnn)).toEqual(['known', 'kept']);
  await bob.session.close();
  await send(ann, withBob, ['unknown', 'last']);
  await delivered(ann, withBob);
  const own = await page(ann, withBob);
  expect(own.every(({ own: mine, recallable }) => recallable === mine)).toBe(true);
  for (const text of ['known', 'unknown', 'last']) {
    const message = own.find(({ content }) => content.text === text);
    expect(await (await runtime(ann)).recall(message?.id ?? '')).toMatchObject({ recalled: true });
  }
  const again = person('bob01', bob.settings);
  await back(again);
  const seen = async () =>
    (await page(again, withAnn))
      .filter(({ content }) => content.kind !== 'notice')
      .map(({ content, recalled }) => (recalled ? 'recalled' : content.text));
  await expect.poll(seen, { timeout: 20_000 }).toEqual(['recalled', 'kept', 'recalled', 'recalled']);
  expect((await row(again, withAnn))?.preview).toMatchObject({ recalled: true, content: { text: '' } });
  expect((await page(again, withAnn)).some(({ content }) => content.text === 'unknown')).toBe(false);
});

test("a refused recall carries the server's words and changes nothing", async () => {
  const { ann, withBob } = await friends();
  await send(ann, withBob, ['old']);
  await delivered(ann, withBob);
  const port = portOf();
  await server.stop();
  await serveAgain(port, { sessions: 'many', recallSeconds: 1 });
  (await runtime(ann)).reconnectNow();
  await expect
    .poll(async () => (await page(ann, withBob)).at(-1)?.recallable, { timeout: 20_000 })
    .toBe(false);
  const message = (await page(ann, withBob)).at(-1);
  await expect((await runtime(ann)).recall(message?.id ?? '')).rejects.toMatchObject({
    details: { serverText: expect.stringContaining('撤回') as string },
  });
  expect((await page(ann, withBob)).at(-1)).toMatchObject({ recalled: false, content: { text: 'old' } });
});

test('with a third of the frames lost, nothing else is', async () => {
  const { ann, bob, withBob, withAnn } = await friends();
  ann.loss = bob.loss = 0.3;
  const written = Array.from({ length: 60 }, (_, index) => `message ${index}`);
  await send(ann, withBob, written);
  await delivered(ann, withBob);
  // The hint of the last message may be among the lost: the next one tells of it.
  bob.loss = 0;
  await send(ann, withBob, ['the end']);
  await expect.poll(() => scrollUp(bob, withAnn), { timeout: 20_000 }).toEqual([...written, 'the end']);
});

test('typing and presence come and go', async () => {
  const { ann, bob, withAnn } = await friends();
  const [annId, bobId] = [account(ann).id, account(bob).id];
  await expect.poll(() => ann.presence.online, { timeout: 10_000 }).toContain(bobId);
  await (await runtime(bob)).openSingle(annId);
  (await runtime(bob)).setTyping(withAnn);
  await expect.poll(() => ann.typing).toEqual([bobId]);
  await send(bob, withAnn, ['done']);
  await expect.poll(() => ann.typing).toEqual([]);
  await bob.session.close();
  await expect.poll(() => ann.presence.offline, { timeout: 10_000 }).toContain(bobId);
});
