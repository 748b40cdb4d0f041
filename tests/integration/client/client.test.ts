/** The real main-process modules, short of Electron, against the real server. */
import { expect, test } from 'vitest';
import {
  account,
  credentials,
  friends,
  online,
  page,
  person,
  portOf,
  register,
  server,
  serveAgain,
  texts,
} from './people.ts';

test('an address is normalised, probed, and refused when no chat server lives there', async () => {
  const one = person('one');
  const { host } = new URL(server.origin);
  expect(await one.session.connect(`  ${host}/ `)).toMatchObject({
    phase: 'signed-out',
    server: { origin: server.origin, extensions: true, embedded: false },
  });
  await expect(one.session.connect('127.0.0.1:9')).rejects.toMatchObject({ code: 'server-unreachable' });
  await expect(one.session.connect('::::')).rejects.toMatchObject({ code: 'invalid-input' });
  expect(one.session.state.phase).toBe('signed-out');
});

test("a refused sign-in carries the server's own words and changes nothing", async () => {
  const one = person('one');
  await one.session.connect(server.origin);
  await expect(one.session.signIn(credentials('nobody'))).rejects.toMatchObject({
    code: 'refused',
    details: { serverText: expect.stringMatching(/./u) as string },
  });
  expect(one.session.state.phase).toBe('signed-out');
});

test('a guest can enter', async () => {
  const one = person('one');
  await one.session.connect(server.origin);
  expect(await one.session.enterAsGuest()).toMatchObject({
    phase: 'signed-in',
    account: { role: 'visitor' },
  });
  await online(one);
});

test('two people write to each other: acknowledged, in order, unread until looked at', async () => {
  const { ann, bob, withBob, withAnn } = await friends();
  const written = Array.from({ length: 30 }, (_, index) => `message ${index}`);
  const annRuntime = await ann.session.runtime();
  for (const text of written) await annRuntime.sendText(withBob, text);
  await expect.poll(() => texts(bob, withAnn), { timeout: 20_000 }).toEqual(written);
  await expect
    .poll(async () =>
      (await page(ann, withBob)).filter(({ own }) => own).every(({ status }) => status === 'sent'),
    )
    .toBe(true);
  expect(await texts(ann, withBob)).toEqual(written);
  const bobRuntime = await bob.session.runtime();
  const row = async () =>
    (await bobRuntime.listConversations()).conversations.find(({ id }) => id === withAnn);
  expect((await row())?.unread).toBeGreaterThanOrEqual(30);
  await bobRuntime.setActive({ conversationId: withAnn, focused: true });
  expect((await row())?.unread).toBe(0);
  await annRuntime.sendText(withBob, 'seen at once');
  await expect.poll(() => texts(bob, withAnn)).toContain('seen at once');
  expect((await row())?.unread).toBe(0);
});

test('what is written while the server is down arrives once when it is back, across a restart of the app', async () => {
  const { ann, bob, withBob, withAnn } = await friends();
  const port = portOf();
  await server.stop();
  const message = await (await ann.session.runtime()).sendText(withBob, 'into the dark');
  expect(message.status).toBe('pending');
  await ann.session.close();

  const again = person('ann01', ann.settings);
  expect(again.session.restore()).toMatchObject({ phase: 'signed-in', account: { username: 'ann01' } });
  expect(await texts(again, withBob)).toContain('into the dark');
  await (await again.session.runtime()).sendText(withBob, 'and another');

  await serveAgain(port);
  (await again.session.runtime()).reconnectNow();
  (await bob.session.runtime()).reconnectNow();
  await expect.poll(() => texts(bob, withAnn), { timeout: 30_000 }).toEqual(['into the dark', 'and another']);
  await expect
    .poll(async () => (await page(again, withBob)).filter(({ own }) => own).map(({ status }) => status))
    .toEqual(['sent', 'sent']);
  expect((await page(again, withBob)).find(({ id }) => id === message.id)?.status).toBe('sent');
});

test('signing in elsewhere ends this session and says so; the history is there again afterwards', async () => {
  const { ann, bob, withBob, withAnn } = await friends();
  await (await ann.session.runtime()).sendText(withBob, 'before');
  await expect.poll(() => texts(bob, withAnn)).toEqual(['before']);
  const elsewhere = person('elsewhere');
  await elsewhere.session.connect(server.origin);
  await elsewhere.session.signIn(credentials('bob01'));
  await expect.poll(() => bob.session.state.phase, { timeout: 20_000 }).toBe('signed-out');
  expect(bob.session.state).toMatchObject({
    lastUsername: 'bob01',
    ended: { reason: 'signed-in-elsewhere' },
  });
  await expect(bob.session.runtime()).rejects.toMatchObject({ code: 'not-signed-in' });
  expect(await bob.session.acknowledgeEnd()).toMatchObject({ account: { role: 'visitor' }, ended: null });
  expect(await texts(bob, withAnn)).toEqual([]);
  await bob.session.signIn(credentials('bob01'));
  expect(await texts(bob, withAnn)).toEqual(['before']);
});

test('a guest stands in for whoever was signed out: nobody else’s session ends by it, and all is there again', async () => {
  // Somebody whose account is that of their device: as its guest they would end the session elsewhere.
  const app = person('app');
  await app.session.connect(server.origin);
  await app.session.enterAsGuest();
  await app.session.register(credentials('ann01'));
  await online(app);
  const { id } = account(app);
  const bob = await register('bob01');
  const withBob = (await (await app.session.runtime()).openSingle(account(bob).id)).id;
  await (await app.session.runtime()).saveDraft(withBob, 'half a thought');

  const kick = async () => {
    const elsewhere = person('elsewhere');
    await elsewhere.session.connect(server.origin);
    await elsewhere.session.signIn(credentials('ann01'));
    await expect.poll(() => app.session.state.phase, { timeout: 20_000 }).toBe('signed-out');
    await app.session.acknowledgeEnd();
    await online(app);
    return elsewhere;
  };
  const elsewhere = await kick();
  const guest = account(app);
  expect(guest.role).toBe('visitor');
  expect(guest.id).not.toBe(id);
  expect(app.accounts.accounts.map(({ account: { username }, state }) => [username, state])).toEqual([
    ['ann01', 'signed-out'],
    [guest.username, 'shown'],
  ]);
  // It outlives a restart.
  await app.session.close();
  const again = person('app', app.settings);
  again.session.restore();
  await online(again);
  expect(account(again).id).toBe(guest.id);
  await online(elsewhere);
  expect(account(elsewhere).id).toBe(id);

  await again.session.signIn(credentials('ann01'));
  await online(again);
  const rows = (await (await again.session.runtime()).listConversations()).conversations;
  expect(rows.find((one) => one.id === withBob)?.draft).toBe('half a thought');
  expect(again.accounts.accounts).toHaveLength(1);
  // Signing out by oneself still means the guest of the device, with all that is theirs.
  await again.session.signOutToGuest();
  expect(account(again)).toMatchObject({ id, role: 'visitor' });
});

test('where the server lets no guest in, the form is there as it was', async () => {
  const ann = await register('ann01');
  const elsewhere = person('elsewhere');
  await elsewhere.session.connect(server.origin);
  const port = portOf();
  await server.stop();
  await serveAgain(port, { guestSalt: 'another salt' });
  await elsewhere.session.signIn(credentials('ann01'));
  await expect.poll(() => ann.session.state.phase, { timeout: 20_000 }).toBe('signed-out');
  expect(await ann.session.acknowledgeEnd()).toMatchObject({
    phase: 'signed-out',
    lastUsername: 'ann01',
    ended: null,
  });
});

test('signing out forgets the token, keeps the history, and a restart stays signed out', async () => {
  const one = await register('ann01');
  await one.session.signOut();
  expect(one.session.state).toMatchObject({ phase: 'signed-out', lastUsername: 'ann01', ended: null });
  expect(Object.values(one.settings.read().accounts)).toMatchObject([{ token: null }]);
  const again = person('ann01', one.settings);
  expect(again.session.restore()).toMatchObject({ phase: 'signed-out', lastUsername: 'ann01' });
  expect(await again.session.leaveServer()).toEqual({ phase: 'welcome' });
});

test('signing out keeps what was not sent; another account sees none of it; the next sign-in sends it once', async () => {
  const { ann, bob, withBob, withAnn } = await friends();
  const port = portOf();
  await server.stop();
  await (await ann.session.runtime()).sendText(withBob, 'kept for later');
  await (await ann.session.runtime()).saveDraft(withBob, 'half a thought');
  await ann.session.signOut();

  await serveAgain(port);
  await ann.session.register(credentials('carl01'));
  const ofCarl = await (await ann.session.runtime()).listConversations();
  expect(JSON.stringify(ofCarl)).not.toMatch(/kept for later|half a thought/);
  await online(ann);
  await ann.session.signOut();

  await ann.session.signIn(credentials('ann01'));
  (await bob.session.runtime()).reconnectNow();
  await expect.poll(() => texts(bob, withAnn), { timeout: 30_000 }).toEqual(['kept for later']);
  const { conversations } = await (await ann.session.runtime()).listConversations();
  expect(conversations.find(({ id }) => id === withBob)?.draft).toBe('half a thought');
});
