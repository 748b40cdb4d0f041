/** Friendships and profiles with the real main-process modules against the real server. */
import { expect, test } from 'vitest';
import { account, credentials, friends, online, page, person, register, server } from './people.ts';

const contactOf = async (who: Awaited<ReturnType<typeof register>>, id: number) =>
  (await (await who.session.runtime()).listContacts()).find(({ accountId }) => accountId === id);

test('a stranger’s card says how to meet them, a friend’s what I think of them', async () => {
  const ann = await register('ann_card');
  const bob = await register('bob_card');
  const annRuntime = await ann.session.runtime();
  const bobRuntime = await bob.session.runtime();
  const bobId = account(bob).id;
  expect(await annRuntime.person({ accountId: bobId })).toMatchObject({
    username: 'bob_card',
    uuid: account(bob).uuid,
    relation: 'stranger',
    friendship: null,
    befriending: 'at-once',
    limit: 'one',
  });
  await bobRuntime.setConfirmsFriends(true);
  await bobRuntime.setLimits({ strangers: 'none', guests: 'any' });
  await bobRuntime.setNickname('Bobby');
  expect(await bobRuntime.ownProfile()).toEqual({
    nickname: 'Bobby',
    confirmsFriends: true,
    strangers: 'none',
    guests: 'any',
  });
  expect(await annRuntime.person({ accountId: bobId })).toMatchObject({
    name: 'Bobby',
    befriending: 'asked',
    limit: 'none',
  });
  expect(await annRuntime.apply(bobId, 'it is me')).toEqual({ outcome: 'applied' });
  const { applications } = await bobRuntime.listApplications(1);
  await bobRuntime.handleApplication(applications[0]!.id, 'agree', 'Annie');
  expect(await bobRuntime.person({ accountId: account(ann).id })).toMatchObject({
    name: 'Annie',
    relation: 'friend',
    friendship: { alias: 'Annie', aliasEditable: true, starred: false, blocked: false },
  });
  expect(await annRuntime.person({ accountId: account(ann).id })).toMatchObject({ relation: 'self' });
});

test('star, alias, visibility, blacklist: each is what it was set to, however often it is set', async () => {
  const { ann, bob, withBob } = await friends();
  const runtime = await ann.session.runtime();
  const bobId = account(bob).id;
  const card = async () => (await runtime.person({ accountId: bobId })).friendship;
  for (const value of [true, true, false, true]) {
    await runtime.setStarred(bobId, value);
    expect(await card()).toMatchObject({ starred: value });
    expect(await contactOf(ann, bobId)).toMatchObject({ starred: value });
  }
  await runtime.setVisibility(bobId, { showsMine: false, showsTheirs: true });
  expect(await card()).toMatchObject({ showsMine: false, showsTheirs: true });

  await runtime.setAlias(bobId, '阿宝');
  expect(await contactOf(ann, bobId)).toMatchObject({ alias: '阿宝', name: '阿宝', initial: 'A' });
  // The conversation is called by the alias too, without a message and without a restart.
  await expect
    .poll(
      async () => (await runtime.listConversations()).conversations.find(({ id }) => id === withBob)?.name,
    )
    .toBe('阿宝');
  await runtime.setAlias(bobId, '');
  expect(await contactOf(ann, bobId)).toMatchObject({ alias: '', name: 'bob01' });

  for (const value of [true, true, false]) {
    await runtime.setBlocked(bobId, value);
    expect(await card()).toMatchObject({ blocked: value });
    expect(await contactOf(ann, bobId)).toMatchObject({ blocked: value });
  }
});

test('a blocked friend is told so, and heard again once the block is lifted', async () => {
  const { ann, bob, withAnn } = await friends();
  const annRuntime = await ann.session.runtime();
  const bobRuntime = await bob.session.runtime();
  await annRuntime.setBlocked(account(bob).id, true);
  await bobRuntime.sendText(withAnn, 'do you hear me?');
  const failed = async () =>
    (await page(bob, withAnn)).find(
      ({ content }) => content.kind === 'text' && content.text.includes('hear'),
    );
  await expect
    .poll(failed)
    .toMatchObject({ status: 'failed', failure: { serverText: '对方把你拉黑了，不能发送消息' } });
  await annRuntime.setBlocked(account(bob).id, false);
  await bobRuntime.retry((await failed())!.id);
  await expect.poll(failed).toMatchObject({ status: expect.stringMatching(/sent|read/u) as string });
});

test('deleting a friend ends it for both, and the history goes only when that was asked for', async () => {
  const { ann, bob, withBob } = await friends();
  const runtime = await ann.session.runtime();
  const bobRuntime = await bob.session.runtime();
  const bobId = account(bob).id;
  const changed = bob.contactsChanged;
  await runtime.sendText(withBob, 'remember this');
  await runtime.removeContact(bobId, false);
  expect(await contactOf(ann, bobId)).toBeUndefined();
  expect((await page(ann, withBob)).length).toBeGreaterThan(0);
  await expect.poll(() => bob.contactsChanged).toBeGreaterThan(changed);
  await expect.poll(() => contactOf(bob, account(ann).id)).toBeUndefined();

  // Turning to somebody who wants no confirmation makes friends again, without a question.
  await runtime.openSingle(bobId);
  await expect.poll(() => contactOf(bob, account(ann).id)).toBeDefined();
  await runtime.removeContact(bobId, true);
  expect(await page(ann, withBob)).toEqual([]);
  expect((await runtime.listConversations()).conversations.some(({ id }) => id === withBob)).toBe(false);
  expect((await bobRuntime.listConversations()).conversations.length).toBeGreaterThan(0);
});

test('a guest sees cards and makes friends, but has no contact list', async () => {
  const bob = await register('bob_host');
  const guest = person('guest');
  await guest.session.connect(server.origin);
  await guest.session.enterAsGuest();
  await online(guest);
  const runtime = await guest.session.runtime();
  const bobId = account(bob).id;
  expect(await runtime.person({ accountId: bobId })).toMatchObject({ relation: 'stranger', limit: 'one' });
  await runtime.openSingle(bobId);
  await expect.poll(async () => (await runtime.person({ accountId: bobId })).relation).toBe('friend');
  const seen = await (await bob.session.runtime()).person({ accountId: account(guest).id });
  expect(seen).toMatchObject({ relation: 'friend', role: 'visitor' });
});

test('a new password opens the account, the old one no longer; a new name is kept', async () => {
  const ann = await register('ann_pass');
  const runtime = await ann.session.runtime();
  await runtime.setNickname('Ännchen');
  expect(account(ann).nickname).toBe('Ännchen');
  await expect(
    runtime.changePassword({ current: 'not-the-one', next: 'battery-staple' }),
  ).rejects.toMatchObject({ details: { serverText: '原始密码错误，无法修改密码' } });
  await runtime.changePassword({ current: 'correct-horse', next: 'battery-staple' });
  await ann.session.signOut();
  await expect(ann.session.signIn(credentials('ann_pass'))).rejects.toMatchObject({ code: 'refused' });
  await ann.session.signIn({ username: 'ann_pass', password: 'battery-staple' });
  expect(account(ann)).toMatchObject({ username: 'ann_pass', nickname: 'Ännchen' });
});
