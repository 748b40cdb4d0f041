/** The real main-process modules, short of Electron, against a plain `egg-im` server with its quirks. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PlainClient } from '../../helpers/plain-egg-im/plain-client.ts';
import { PlainServer } from '../../helpers/plain-egg-im/plain-server.ts';
import { account, credentials, online, page, person, register, texts, type Person } from './people.ts';

let plain: PlainServer;
/** How far the server's clock is from ours. */
let skew: number;
const SALT = 'magpie-guest';

beforeEach(async () => {
  skew = 0;
  plain = await PlainServer.start({ now: () => Date.now() + skew });
});
afterEach(() => plain.stop());

const runtimeOf = ({ session }: Person) => session.runtime();
const own = async (who: Person, id: string) => (await page(who, id)).filter((message) => message.own);
const list = async (who: Person) => (await (await runtimeOf(who)).listConversations()).conversations;
const portOf = () => Number(new URL(plain.origin).port);

const LINKS: Record<string, string> = {
  setPassword: 'password',
  groupList: 'groups',
  friendsList: 'contacts',
  userInfoSet: 'profile',
  whoCanChatMe: 'privacy',
  myQrcode: 'own-code',
  search: 'search',
  applyAddMeFriendSet: 'privacy',
  AskAndAnswerSet: 'auto-reply',
};

async function pair() {
  const [ann, bob] = [await register('ann01', plain.origin), await register('bob01', plain.origin)];
  await (await runtimeOf(ann)).apply(account(bob).id, 'hi');
  const withBob = await (await runtimeOf(ann)).openSingle(account(bob).id);
  return { ann, bob, withBob: withBob.id, withAnn: `single:${account(ann).id}` };
}

test('two people write to each other; nothing of our extensions is asked for', async () => {
  const { ann, bob, withBob, withAnn } = await pair();
  const written = Array.from({ length: 20 }, (_, index) => `message ${index}`);
  for (const text of written) await (await runtimeOf(ann)).sendText(withBob, text);
  await expect.poll(() => texts(bob, withAnn)).toEqual(written);
  await expect
    .poll(async () => (await own(ann, withBob)).every(({ status }) => status === 'sent'))
    .toBe(true);
  expect(plain.calls.filter((path) => /\/(sync|history|read)$/u.test(path))).toEqual([]);
});

test('the answer to a send is lost: nothing is repeated, the person decides what becomes of it', async () => {
  const { ann, bob, withBob, withAnn } = await pair();
  plain.losesAnswer = (path) => path.endsWith('/sendmessage');
  await (await runtimeOf(ann)).sendText(withBob, 'did it?');
  await (await runtimeOf(ann)).sendText(withBob, 'or not?');
  await expect
    .poll(async () => (await own(ann, withBob)).map(({ status }) => status))
    .toEqual(['unconfirmed', 'unconfirmed']);
  plain.losesAnswer = () => false;
  (await runtimeOf(ann)).reconnectNow();
  await (await runtimeOf(ann)).sendText(withBob, 'a third one');
  await expect.poll(() => texts(bob, withAnn)).toEqual(['did it?', 'or not?', 'a third one']);
  expect(plain.accepted).toHaveLength(3);

  const undecided = (await own(ann, withBob)).filter(({ status }) => status === 'unconfirmed');
  const [first, second] = undecided;
  // Sent again: a second copy, which is what the person was told. Kept out: gone here, no call.
  await (await runtimeOf(ann)).retry(first?.id ?? '');
  await (await runtimeOf(ann)).deleteMessage(second?.id ?? '');
  await expect.poll(() => texts(bob, withAnn)).toEqual(['did it?', 'or not?', 'a third one', 'did it?']);
  await expect
    .poll(async () => (await own(ann, withBob)).map(({ status }) => status))
    .toEqual(['sent', 'sent']);
});

test('kept as it is: an unconfirmed message of which the person knows that it arrived becomes sent', async () => {
  const { ann, withBob } = await pair();
  plain.losesAnswer = (path) => path.endsWith('/sendmessage');
  await (await runtimeOf(ann)).sendText(withBob, 'they answered it');
  await expect.poll(async () => (await own(ann, withBob))[0]?.status).toBe('unconfirmed');
  const [message] = await own(ann, withBob);
  expect(await (await runtimeOf(ann)).keep(message?.id ?? '')).toMatchObject({
    status: 'sent',
    recallable: false,
  });
  await (await runtimeOf(ann)).sendText(withBob, 'go on');
  expect((await own(ann, withBob)).map(({ content }) => content.text)).toEqual(['they answered it', 'go on']);
});

test('messages that waited on the server come in its order, before what is written afterwards', async () => {
  const { ann, bob, withBob, withAnn } = await pair();
  await bob.session.close();
  const written = Array.from({ length: 30 }, (_, index) => `waiting ${index}`);
  for (const text of written) await (await runtimeOf(ann)).sendText(withBob, text);
  await expect.poll(() => plain.accepted.length).toBe(30);
  const again = person('bob01', bob.settings);
  again.session.restore();
  await online(again);
  await (await runtimeOf(ann)).sendText(withBob, 'and live');
  await expect.poll(() => texts(again, withAnn)).toEqual([...written, 'and live']);
  expect((await list(again)).find(({ id }) => id === withAnn)?.unread).toBe(31);
});

test('a close without a reason is no kick while the token lives; one call finds out', async () => {
  const { ann } = await pair();
  const before = plain.calls.filter((path) => path.endsWith('OffLine')).length;
  plain.closeSockets(account(ann).id);
  await expect.poll(() => ann.session.connection.state).toBe('offline');
  expect(plain.calls.filter((path) => path.endsWith('OffLine')).length).toBe(before + 1);
  await online(ann);
  expect(ann.session.state.phase).toBe('signed-in');
});

test('a sign-in elsewhere: this window says so, keeps all, and sends what waited after the next sign-in', async () => {
  const { ann, bob, withBob, withAnn } = await pair();
  await (await runtimeOf(ann)).sendText(withBob, 'before');
  await expect.poll(() => texts(bob, withAnn)).toEqual(['before']);
  await new PlainClient(plain.origin).login('ann01', 'correct-horse');
  // The server tells nobody: the next call does.
  await (await runtimeOf(ann)).saveDraft(withBob, 'half a thought');
  await (await runtimeOf(ann)).sendText(withBob, 'into the dead session');
  await expect.poll(() => ann.session.state.phase).toBe('signed-out');
  expect(ann.session.state).toMatchObject({ lastUsername: 'ann01', ended: { reason: 'session-ended' } });
  expect(plain.accepted).toHaveLength(1);

  expect(await ann.session.acknowledgeEnd()).toMatchObject({ account: { role: 'visitor' } });
  await ann.session.signIn(credentials('ann01'));
  await expect.poll(() => texts(bob, withAnn)).toEqual(['before', 'into the dead session']);
  expect((await own(ann, withBob)).map(({ content }) => content.text)).toEqual([
    'before',
    'into the dead session',
  ]);
});

test('the own token made invalid by the server: refused socket, failing call, one dialog, no storm', async () => {
  const { ann } = await pair();
  plain.changeSecret();
  plain.closeSockets(account(ann).id);
  await expect.poll(() => ann.session.state.phase, { timeout: 20_000 }).toBe('signed-out');
  expect(ann.session.state).toMatchObject({ ended: { reason: 'session-ended' } });
  const { opened } = plain;
  // Whatever is planned happens within the first second after a loss.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(plain.opened).toBe(opened);
});

test('a disabled account is told what the server says', async () => {
  const { ann } = await pair();
  plain.disable('ann01');
  plain.closeSockets(account(ann).id);
  await expect.poll(() => ann.session.state.phase, { timeout: 20_000 }).toBe('signed-out');
  expect(ann.session.state).toMatchObject({
    ended: { reason: 'account-disabled', serverText: '当前用户不存在或者已被禁用' },
  });
});

test('a guest whose token died is the same guest again without a question, with all that was there', async () => {
  const guest = person('guest');
  await guest.session.connect(plain.origin);
  await guest.session.enterAsGuest();
  await online(guest);
  const { id } = account(guest);
  const bob = await register('bob01', plain.origin);
  await (await runtimeOf(bob)).openSingle(id);
  await (await runtimeOf(bob)).sendText(`single:${id}`, 'welcome, guest');
  const withBob = `single:${account(bob).id}`;
  await expect.poll(() => texts(guest, withBob)).toEqual(['welcome, guest']);
  await (await runtimeOf(guest)).saveDraft(withBob, 'who are');

  await new PlainClient(plain.origin).guestCall(
    'visitorRegister',
    { deviceId: guest.settings.read().deviceId },
    SALT,
  );
  await (await runtimeOf(guest)).sendText(withBob, 'who are you?');
  await expect
    .poll(() => texts(bob, `single:${id}`), { timeout: 20_000 })
    .toEqual(['welcome, guest', 'who are you?']);
  expect(account(guest)).toMatchObject({ id, role: 'visitor' });
  expect(await texts(guest, withBob)).toEqual(['welcome, guest', 'who are you?']);
});

test('a registered account of this device that comes back as a guest finds its own conversations', async () => {
  const self = person('self');
  await self.session.connect(plain.origin);
  await self.session.enterAsGuest();
  const { id } = account(self);
  const client = new PlainClient(plain.origin);
  const { deviceId } = self.settings.read();
  const fields = { deviceId, username: 'self01', password: 'correct-horse' };
  await client.guestCall('visitorregChat', fields, SALT);
  await self.session.signOut();
  await self.session.signIn(credentials('self01'));
  expect(account(self)).toMatchObject({ id, role: 'user' });
  const bob = await register('bob01', plain.origin);
  const { id: withBob } = await (await runtimeOf(self)).openSingle(account(bob).id);
  await (await runtimeOf(self)).sendText(withBob, 'as a user');
  await expect.poll(async () => (await own(self, withBob))[0]?.status).toBe('sent');
  await self.session.signOut();
  await self.session.enterAsGuest();
  expect(account(self)).toMatchObject({ id, role: 'visitor' });
  expect(await texts(self, withBob)).toEqual(['as a user']);
});

test('this server cannot tell whether messages are missing, and says so instead of guessing', async () => {
  const { ann, withBob } = await pair();
  await (await runtimeOf(ann)).sendText(withBob, 'one');
  await expect.poll(async () => (await own(ann, withBob))[0]?.status).toBe('sent');
  expect(await (await runtimeOf(ann)).completeness(withBob)).toMatchObject({
    tellable: false,
    checkedAt: null,
  });
  await expect((await runtimeOf(ann)).check(withBob)).rejects.toMatchObject({ code: 'not-allowed' });
});

test('a message is taken back within five minutes by the clock of the server, here and there', async () => {
  // Our own clock is two days behind the server's.
  skew = 48 * 3_600_000;
  const { ann, bob, withBob, withAnn } = await pair();
  expect(ann.notices).toContainEqual({ kind: 'clock-off', by: expect.closeTo(-skew, -4) as number });
  expect(ann.notices.filter(({ kind }) => kind === 'clock-off')).toHaveLength(1);
  const sent = await (await runtimeOf(ann)).sendText(withBob, 'oh no');
  await expect.poll(() => texts(bob, withAnn)).toEqual(['oh no']);
  const mine = async () => (await own(ann, withBob)).find(({ id }) => id === sent.id);
  await expect.poll(async () => (await mine())?.status).toBe('sent');
  const message = await mine();
  expect(message?.recallable).toBe(true);
  const left = (message?.recallableUntil ?? 0) - Date.now();
  expect(left).toBeGreaterThan(4.5 * 60_000);
  expect(left).toBeLessThan(5.1 * 60_000);
  expect(await (await runtimeOf(ann)).recall(sent.id)).toMatchObject({
    recalled: true,
    content: { text: '' },
  });
  await expect.poll(async () => (await page(bob, withAnn)).at(-1)).toMatchObject({ recalled: true });

  const late = await (await runtimeOf(ann)).sendText(withBob, 'stays');
  await expect.poll(async () => (await own(ann, withBob)).at(-1)?.status).toBe('sent');
  skew += 5 * 60_000 + 1_000;
  await expect((await runtimeOf(ann)).recall(late.id)).rejects.toMatchObject({
    details: { serverText: '消息超过5分钟，不能撤回' },
  });
  // The refusal carried the server's time along: from here on it is not offered any more.
  expect((await own(ann, withBob)).at(-1)?.recallable).toBe(false);
});

test('a recall that comes while we are away is carried out when the queue is read', async () => {
  const { ann, bob, withBob, withAnn } = await pair();
  const sent = await (await runtimeOf(ann)).sendText(withBob, 'read and gone');
  await expect.poll(() => texts(bob, withAnn)).toEqual(['read and gone']);
  await bob.session.close();
  await expect.poll(async () => (await own(ann, withBob))[0]?.recallable).toBe(true);
  await (await runtimeOf(ann)).recall(sent.id);
  const again = person('bob01', bob.settings);
  again.session.restore();
  await expect.poll(async () => (await page(again, withAnn)).at(-1)?.recalled).toBe(true);
});

test('the server is gone and comes back: what was written meanwhile goes out once and in order', async () => {
  const { ann, bob, withBob, withAnn } = await pair();
  const port = portOf();
  await plain.stop();
  for (const text of ['one', 'two', 'three']) await (await runtimeOf(ann)).sendText(withBob, text);
  await plain.listenAgain(port);
  for (const who of [ann, bob]) (await runtimeOf(who)).reconnectNow();
  await expect.poll(() => texts(bob, withAnn), { timeout: 30_000 }).toEqual(['one', 'two', 'three']);
  expect(plain.accepted).toHaveLength(3);
});

test('the entries of the server exist once after three connections, count nothing, and each leads to its place', async () => {
  const ann = await register('ann01', plain.origin);
  const { id } = account(ann);
  const entries = async () => (await list(ann)).filter(({ kind }) => kind === 'service');
  await expect.poll(async () => (await entries()).length).toBe(Object.keys(LINKS).length);
  for (let round = 0; round < 3; round += 1) {
    const { opened } = plain;
    (await runtimeOf(ann)).renewConnection();
    await expect.poll(() => plain.opened).toBeGreaterThan(opened);
    await online(ann);
  }
  // A message that comes after them shows that all of them were dealt with.
  const bob = await register('bob01', plain.origin);
  await (await runtimeOf(bob)).openSingle(id);
  await (await runtimeOf(bob)).sendText(`single:${id}`, 'behind');
  await expect.poll(() => texts(ann, `single:${account(bob).id}`)).toEqual(['behind']);
  const links = Object.fromEntries((await entries()).map((entry) => [entry.id, entry.link]));
  expect(links).toEqual(
    Object.fromEntries(Object.entries(LINKS).map(([key, link]) => [`service:redirect-${key}-${id}`, link])),
  );
  for (const entry of await entries()) {
    expect(await page(ann, entry.id)).toHaveLength(1);
    expect(entry.unread).toBe(0);
  }
});

test('an entry that was removed from the list does not come back with the next connection', async () => {
  const ann = await register('ann01', plain.origin);
  const key = `service:redirect-search-${account(ann).id}`;
  await expect.poll(async () => (await list(ann)).map(({ id }) => id)).toContain(key);
  await (await runtimeOf(ann)).hide(key);
  const { opened } = plain;
  (await runtimeOf(ann)).renewConnection();
  await expect.poll(() => plain.opened).toBeGreaterThan(opened);
  await online(ann);
  expect((await list(ann)).map(({ id }) => id)).not.toContain(key);
});

test('a new picture of my own refreshes its entry in place', async () => {
  const ann = await register('ann01', plain.origin);
  const key = `service:redirect-userInfoSet-${account(ann).id}`;
  const entry = async () => (await list(ann)).find(({ id }) => id === key);
  await expect.poll(async () => (await entry())?.preview?.content.text).toBe('不满意你的头像可以更换');
  const [before] = await page(ann, key);
  const picture = '/public/uploads/Diy/avatars/new.png';
  const client = new PlainClient(plain.origin);
  await client.data('POST', '/api/chat/updateUserinfo', {
    token: plain.tokenOf('ann01'),
    json: { fieldname: 'avatar', fieldValue: picture },
  });
  (await runtimeOf(ann)).renewConnection();
  await expect.poll(async () => (await entry())?.preview?.content.text).toBe('不满意你的头像可以继续更换');
  expect(await entry()).toMatchObject({ avatars: [plain.origin + picture], unread: 0, link: 'profile' });
  expect((await page(ann, key)).map(({ id }) => id)).toEqual([before?.id]);
});

test('a guest sees the way to sign in, once', async () => {
  const guest = person('guest');
  await guest.session.connect(plain.origin);
  await guest.session.enterAsGuest();
  await online(guest);
  await expect
    .poll(async () => (await list(guest)).map(({ link }) => link).sort())
    .toEqual(['groups', 'privacy', 'sign-in']);
});

/** Ann's group with Bob, who has met it. */
async function group() {
  const { ann, bob } = await pair();
  const { id } = await (await runtimeOf(ann)).groups.create([account(bob).id]);
  await expect.poll(async () => (await list(bob)).map((row) => row.id)).toContain(id);
  const row = async (who: Person) => (await list(who)).find((one) => one.id === id);
  const news = () => bob.notices.flatMap((notice) => (notice.kind === 'membership' ? [notice.event] : []));
  return { ann, bob, id, groupId: Number(id.split(':')[1]), row, news };
}

test('somebody who was removed from a group learns it from the send that fails, and is back when invited', async () => {
  const { ann, bob, id, groupId, row, news } = await group();
  await (await runtimeOf(bob)).sendText(id, 'hello all');
  await expect.poll(() => texts(ann, id)).toContain('hello all');
  await (await runtimeOf(ann)).groups.removeMember(groupId, account(bob).id);
  expect((await row(bob))?.ended).toBeUndefined();
  await (await runtimeOf(bob)).sendText(id, 'still there?');
  await expect.poll(async () => (await row(bob))?.ended).toBe('removed');
  const failed = (await own(bob, id)).find(({ status }) => status === 'failed');
  expect(failed?.failure?.serverText).toBe('您不在群里，无法发消息');
  expect(news()).toEqual(['removed']);
  expect((await (await runtimeOf(bob)).groups.profile(groupId)).group.membership).toBe('none');
  // Told once, however often one tries.
  await (await runtimeOf(bob)).retry(failed?.id ?? '');
  await expect
    .poll(async () => (await own(bob, id)).find((one) => one.id === failed?.id)?.status)
    .toBe('failed');
  expect(news()).toEqual(['removed']);

  await (await runtimeOf(ann)).groups.invite(groupId, account(bob).id);
  await expect.poll(async () => (await row(bob))?.ended).toBeUndefined();
  await (await runtimeOf(bob)).retry(failed?.id ?? '');
  await expect.poll(() => texts(ann, id)).toContain('still there?');
});

test('leaving and dissolving a group end its conversation; what was said stays', async () => {
  const { ann, bob, id, groupId, row, news } = await group();
  await (await runtimeOf(ann)).sendText(id, 'the last word');
  await expect.poll(() => texts(bob, id)).toContain('the last word');
  await (await runtimeOf(ann)).groups.quit(groupId);
  await expect
    .poll(async () => (await page(bob, id)).map(({ content }) => content))
    .toContainEqual({ kind: 'notice', text: expect.stringMatching(/解散了该群/u) as string });
  expect((await row(ann))?.ended).toBe('left');
  await (await runtimeOf(bob)).sendText(id, 'and now?');
  await expect.poll(async () => (await row(bob))?.ended).toBe('dissolved');
  expect(news()).toEqual(['dissolved']);
  expect(await texts(bob, id)).toContain('the last word');

  const other = await (await runtimeOf(bob)).groups.create([account(ann).id]);
  const otherId = Number(other.id.split(':')[1]);
  await expect.poll(async () => (await list(ann)).map((one) => one.id)).toContain(other.id);
  await (await runtimeOf(ann)).groups.quit(otherId);
  expect((await list(ann)).find((one) => one.id === other.id)?.ended).toBe('left');
});
