/** Several accounts in one app, and a guest who becomes a user, with the real parts behind the window. */
import { expect, test } from 'vitest';
import { account, credentials, friends, online, page, person, register, server, texts } from './people.ts';
import type { Person } from './people.ts';

const soon = { timeout: 20_000 };
const entryOf = (who: Person, name: string) =>
  who.accounts.accounts.find(({ account: { username } }) => username === name);
const keyOf = (who: Person, name: string) => {
  const entry = entryOf(who, name);
  if (entry === undefined) throw new Error(`${name} is not listed`);
  return entry.key;
};

/** A person with a private and a work account in one app, and a friend of each. */
async function twoAccounts() {
  const { ann, bob, withBob, withAnn } = await friends();
  await ann.session.addAccount();
  expect(ann.session.state.phase).toBe('welcome');
  await ann.session.connect(server.origin);
  await ann.session.register(credentials('ann_work'));
  await online(ann);
  return { ann, bob, withBob, withAnn };
}

test('the account behind receives, sends what waited and counts; its row reaches the window under its own key, without messages', async () => {
  const { ann, bob, withBob, withAnn } = await twoAccounts();
  expect(ann.accounts.accounts.map(({ account: { username }, state }) => [username, state])).toEqual([
    ['ann01', 'signed-in'],
    ['ann_work', 'shown'],
  ]);
  const [first, second] = ann.accounts.accounts.map(({ colour }) => colour);
  expect(first).not.toBe(second);

  ann.shown.length = 0;
  const sent = await (await bob.session.runtime()).sendText(withAnn, 'are you there?');
  await expect.poll(() => entryOf(ann, 'ann01')?.unread, soon).toBe(1);
  expect(ann.accounts.unreadTotal).toBe(1);
  // Its row is told under its key, no message of it reached the window, and nobody has read it.
  const told = ann.shown.filter(({ conversations }) => conversations.some(({ id }) => id === withBob));
  expect(told.map(({ accountKey }) => accountKey)).toContain(keyOf(ann, 'ann01'));
  expect(told.map(({ accountKey }) => accountKey)).not.toContain(keyOf(ann, 'ann_work'));
  expect(ann.shown.flatMap(({ messages }) => messages)).toEqual([]);
  expect((await page(bob, withAnn)).find(({ id }) => id === sent.id)?.status).toBe('sent');

  await ann.session.switchAccount(keyOf(ann, 'ann01'));
  expect(account(ann).username).toBe('ann01');
  expect(ann.session.connection.state).toBe('online');
  expect(await texts(ann, withBob)).toEqual(['are you there?']);
  expect(entryOf(ann, 'ann_work')).toMatchObject({ state: 'signed-in', connection: 'online' });
  const { conversations } = await (await ann.session.runtime()).listConversations();
  expect(conversations.map(({ id }) => id)).toContain(withBob);
});

test('a chat that was open is not read by the account behind', async () => {
  const { ann, bob, withBob, withAnn } = await twoAccounts();
  await ann.session.switchAccount(keyOf(ann, 'ann01'));
  await (await ann.session.runtime()).setActive({ conversationId: withBob, focused: true });
  await ann.session.switchAccount(keyOf(ann, 'ann_work'));
  await (await bob.session.runtime()).sendText(withAnn, 'hello?');
  await expect.poll(() => entryOf(ann, 'ann01')?.unread, soon).toBe(1);
  await ann.session.switchAccount(keyOf(ann, 'ann01'));
  await (await ann.session.runtime()).setActive({ conversationId: withBob, focused: true });
  await expect.poll(() => ann.accounts.unreadTotal, soon).toBe(0);
});

test('what one account wrote is sent while another one is on screen', async () => {
  const { ann, bob, withBob, withAnn } = await twoAccounts();
  await ann.session.switchAccount(keyOf(ann, 'ann01'));
  const runtime = await ann.session.runtime();
  for (const text of ['one', 'two', 'three']) await runtime.sendText(withBob, text);
  await ann.session.switchAccount(keyOf(ann, 'ann_work'));
  await expect.poll(() => texts(bob, withAnn), soon).toEqual(['one', 'two', 'three']);
});

test('all come back with the next start, in their order and colours, the last one on screen', async () => {
  const { ann } = await twoAccounts();
  const before = ann.accounts.accounts.map(({ key, colour, state }) => ({ key, colour, state }));
  await ann.session.close();
  const again = person('ann01', ann.settings);
  again.session.restore();
  expect(account(again).username).toBe('ann_work');
  expect(again.accounts.accounts.map(({ key, colour, state }) => ({ key, colour, state }))).toEqual(before);
  await expect
    .poll(() => again.accounts.accounts.map(({ connection }) => connection), soon)
    .toEqual(['online', 'online']);
});

test('an account that is kicked while it is behind says so when one comes to it; the other goes on', async () => {
  const { ann } = await twoAccounts();
  const elsewhere = person('elsewhere');
  await elsewhere.session.connect(server.origin);
  await elsewhere.session.signIn(credentials('ann01'));
  await expect.poll(() => entryOf(ann, 'ann01')?.state, soon).toBe('signed-out');
  expect(account(ann).username).toBe('ann_work');
  const state = await ann.session.switchAccount(keyOf(ann, 'ann01'));
  expect(state).toMatchObject({
    phase: 'signed-out',
    lastUsername: 'ann01',
    ended: { reason: 'signed-in-elsewhere' },
  });
  await ann.session.signIn(credentials('ann01'));
  await online(ann);
  expect(ann.accounts.accounts.map(({ state: one }) => one).sort()).toEqual(['shown', 'signed-in']);
});

test('removing an account signs it out and keeps its history for the next time', async () => {
  const { ann, bob, withBob, withAnn } = await twoAccounts();
  await (await bob.session.runtime()).sendText(withAnn, 'keep this');
  await expect.poll(() => entryOf(ann, 'ann01')?.unread, soon).toBe(1);
  const key = keyOf(ann, 'ann01');
  await ann.session.removeAccount(key);
  expect(ann.accounts.accounts.map(({ account: { username } }) => username)).toEqual(['ann_work']);
  expect(ann.settings.read().accounts[key]?.token).toBeNull();
  await expect(ann.session.switchAccount(key)).rejects.toMatchObject({ code: 'not-found' });

  await ann.session.addAccount();
  await ann.session.connect(server.origin);
  const history = ann.settings.read().accounts[key]?.historyKey;
  await ann.session.signIn(credentials('ann01'));
  // At once, before the server could have told any of it.
  expect(ann.session.connection.state).not.toBe('online');
  expect(await texts(ann, withBob)).toEqual(['keep this']);
  expect(ann.settings.read().accounts[key]?.historyKey).toEqual(history);
});

test('the one on screen is removed: another one takes its place', async () => {
  const { ann } = await twoAccounts();
  const state = await ann.session.removeAccount(keyOf(ann, 'ann_work'));
  expect(state).toMatchObject({ phase: 'signed-in', account: { username: 'ann01' } });
  await online(ann);
});

test('a guest becomes a user and keeps id, friends, messages and what was unsent', async () => {
  const guest = person('guest');
  await guest.session.connect(server.origin);
  await guest.session.enterAsGuest();
  await online(guest);
  const { id } = account(guest);
  const bob = await register('bob01');
  await (await guest.session.runtime()).apply(account(bob).id, 'hi');
  const bobs = await bob.session.runtime();
  const { applications } = await bobs.listApplications(1);
  const pending = applications.find(({ status }) => status === 'pending');
  if (pending !== undefined) await bobs.handleApplication(pending.id, 'agree');
  await bobs.openSingle(id);
  await bobs.sendText(`single:${id}`, 'welcome');
  const withBob = `single:${account(bob).id}`;
  await expect.poll(() => texts(guest, withBob), soon).toEqual(['welcome']);
  await (await guest.session.runtime()).saveDraft(withBob, 'half a thought');

  await guest.session.register(credentials('guest01'));
  await online(guest);
  expect(account(guest)).toMatchObject({ id, username: 'guest01', role: 'user' });
  expect(await texts(guest, withBob)).toEqual(['welcome']);
  const rows = (await (await guest.session.runtime()).listConversations()).conversations;
  expect(rows.find((row) => row.id === withBob)?.draft).toBe('half a thought');
  expect((await (await guest.session.runtime()).listContacts()).map(({ accountId }) => accountId)).toEqual([
    account(bob).id,
  ]);
  await (await guest.session.runtime()).sendText(withBob, 'now as a user');
  await expect.poll(() => texts(bob, `single:${id}`), soon).toEqual(['welcome', 'now as a user']);
  expect(guest.accounts.accounts).toHaveLength(1);

  // Out, and in as a guest again: the same person, with all that was there.
  await guest.session.signOutToGuest();
  await online(guest);
  expect(account(guest)).toMatchObject({ id, role: 'visitor' });
  expect(await texts(guest, withBob)).toEqual(['welcome', 'now as a user']);
  // Registering as somebody else does not take the name of the one who was registered here.
  await guest.session.register(credentials('another1'));
  expect(account(guest)).toMatchObject({ username: 'another1', role: 'user' });
  expect(account(guest).id).not.toBe(id);
  await guest.session.signOut();
  await guest.session.signIn(credentials('guest01'));
  expect(account(guest).id).toBe(id);
});

test('a guest who signs in to an account of theirs leaves the guest behind', async () => {
  const known = await register('known01');
  await known.session.close();
  const guest = person('guest');
  await guest.session.connect(server.origin);
  await guest.session.enterAsGuest();
  await online(guest);
  await expect(guest.session.signIn({ username: 'known01', password: 'wrong-one' })).rejects.toMatchObject({
    details: { serverText: '账户或密码错误' },
  });
  // Refused, the guest is still there.
  expect(account(guest).role).toBe('visitor');
  await guest.session.signIn(credentials('known01'));
  await online(guest);
  expect(account(guest).username).toBe('known01');
  expect(guest.accounts.accounts).toHaveLength(1);
});

test('a second account of one server never takes the place of the first, guests included', async () => {
  const app = person('app');
  await app.session.connect(server.origin);
  await app.session.enterAsGuest();
  await online(app);
  const first = account(app).id;
  await app.session.addAccount();
  await app.session.connect(server.origin);
  await app.session.enterAsGuest();
  await online(app);
  expect(account(app).id).not.toBe(first);
  expect(app.accounts.accounts).toHaveLength(2);
  const [mine] = app.accounts.accounts;
  await app.session.switchAccount(mine?.key ?? '');
  expect(account(app).id).toBe(first);
});
