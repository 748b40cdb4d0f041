/** Groups as three people live them, each with the real main-process modules, against the real server. */
import { expect, test } from 'vitest';
import { conversationId } from '../../../protocol/model/conversation.ts';
import { countReaders, joinRequestOf } from '../../../protocol/model/group.ts';
import { GroupCalls } from '../server/groups.ts';
import { PlainClient } from '../../helpers/plain-egg-im/plain-client.ts';
import {
  account,
  credentials,
  online,
  page,
  portOf,
  register,
  serveAgain,
  server,
  texts,
  type Person,
} from './people.ts';

const soon = { timeout: 15_000 };
const groupsOf = async ({ session }: Person) => (await session.runtime()).groups;
const send = async (
  { session }: Person,
  id: string,
  text: string,
  mentions: number[] | 'all' | null = null,
) => (await session.runtime()).sendText(id, text, { mentions });
const rowOf = async ({ session }: Person, id: string) =>
  (await (await session.runtime()).listConversations()).conversations.find((row) => row.id === id);
/** The server has taken all that was written. */
const allSent = (who: Person, id: string) =>
  expect
    .poll(async () => (await page(who, id)).filter(({ status }) => status === 'pending').length, soon)
    .toBe(0);
const membershipNews = ({ notices }: Person) =>
  notices.flatMap((notice) => (notice.kind === 'membership' ? [notice.event] : []));

/** Ann, Bob and Cleo; Ann knows the other two and has founded a group with them. */
async function team() {
  const [ann, bob, cleo] = [await register('ann01'), await register('bob01'), await register('cleo01')];
  const runtime = await ann.session.runtime();
  for (const other of [bob, cleo]) {
    await runtime.apply(account(other).id, '');
    const theirs = await other.session.runtime();
    const { applications } = await theirs.listApplications(1);
    const pending = applications.find(({ status }) => status === 'pending');
    if (pending !== undefined) await theirs.handleApplication(pending.id, 'agree');
  }
  const { id } = await runtime.groups.create([account(bob).id, account(cleo).id]);
  const groupId = Number(id.split(':')[1]);
  for (const one of [bob, cleo]) await expect.poll(() => rowOf(one, id), soon).toBeDefined();
  return { ann, bob, cleo, id, groupId };
}

test('a group is there for all, messages come in one order, marks tell who has read', async () => {
  const { ann, bob, cleo, id, groupId } = await team();
  await send(ann, id, 'one');
  await send(bob, id, 'two');
  await send(cleo, id, 'three');
  const order = async (who: Person) => (await page(who, id)).map(({ position }) => position.major);
  for (const one of [ann, bob, cleo]) {
    await expect
      .poll(() => texts(one, id).then((found) => found.sort()), soon)
      .toEqual(['one', 'three', 'two']);
    expect(await order(one)).toEqual([1, 2, 3, 4]);
  }
  expect(await texts(ann, id)).toEqual(await texts(bob, id));
  await expect.poll(async () => (await rowOf(ann, id))?.unread, soon).toBe(2);
  const { group, members } = await (await groupsOf(bob)).profile(groupId);
  expect(group).toMatchObject({ isOwner: false, membership: 'member', memberCount: 3 });
  await expect.poll(async () => (await (await groupsOf(bob)).known(groupId))?.readReceipts, soon).toBe(true);
  expect(members.map(({ name, isOwner }) => [name, isOwner])).toEqual([
    ['ann01', true],
    ['bob01', false],
    ['cleo01', false],
  ]);

  const mine = (await page(ann, id)).find(({ own, content }) => own && content.kind === 'text');
  if (mine === undefined) throw new Error('not sent');
  const groups = await groupsOf(ann);
  const about = { sequence: mine.position.major, senderId: account(ann).id };
  expect(countReaders(about, await groups.marks(groupId))).toEqual({ read: 0, of: 2 });
  await (await bob.session.runtime()).setActive({ conversationId: id, focused: true });
  // The hint tells it, without asking again.
  await expect.poll(() => ann.groupMarks.get(groupId)?.marks.length, soon).toBe(3);
  const told = ann.groupMarks.get(groupId);
  expect(told === undefined ? null : countReaders(about, told)).toEqual({ read: 1, of: 2 });
  expect(await groups.readers(mine.id)).toMatchObject({
    read: [{ name: 'bob01' }],
    unread: [{ name: 'cleo01' }],
  });
});

test('what was said between two memberships is no hole: nothing is fetched, everything counts as complete', async () => {
  const { ann, bob, id, groupId } = await team();
  await send(ann, id, 'before');
  await expect.poll(() => texts(bob, id), soon).toEqual(['before']);
  await (await groupsOf(ann)).removeMember(groupId, account(bob).id);
  await expect.poll(() => membershipNews(bob), soon).toEqual(['removed']);
  expect((await rowOf(bob, id))?.ended).toBe('removed');
  for (const text of ['a', 'b', 'c']) await send(ann, id, text);

  const failed = await send(bob, id, 'hello?');
  await expect
    .poll(async () => (await page(bob, id)).find((one) => one.id === failed.id)?.status, soon)
    .toBe('failed');
  const shown = (await page(bob, id)).find((one) => one.id === failed.id);
  expect(shown?.failure?.serverText).toBe('您不在群里，无法发消息');
  await (await bob.session.runtime()).deleteMessage(failed.id);

  await allSent(ann, id);
  await (await groupsOf(ann)).invite(groupId, account(bob).id);
  await send(ann, id, 'after');
  await expect.poll(() => texts(bob, id), soon).toEqual(['before', 'after']);
  await expect.poll(async () => (await rowOf(bob, id))?.ended, soon).toBeUndefined();
  const runtime = await bob.session.runtime();
  // The join notice comes after the text that tore the row of numbers.
  await expect.poll(async () => (await runtime.completeness(id)).here, soon).toBe(4);
  const check = await runtime.check(id);
  expect(check).toMatchObject({
    fetched: 0,
    differing: 0,
    completeness: { tellable: true, total: 4, here: 4 },
  });
  expect((await runtime.page({ conversationId: id, limit: 50 })).hasOlder).toBe(false);
  // A membership begins with everything before it read, and notices do not count.
  await expect.poll(async () => (await rowOf(bob, id))?.unread, soon).toBe(1);
});

test('somebody who was away meets the windows through the log alone', async () => {
  const { ann, bob, id, groupId } = await team();
  await send(ann, id, 'before');
  await expect.poll(() => texts(bob, id), soon).toEqual(['before']);
  const port = portOf();
  await server.stop();
  await serveAgain(port);
  await online(ann);
  bob.loss = 1;
  const annGroups = await groupsOf(ann);
  await annGroups.removeMember(groupId, account(bob).id);
  await send(ann, id, 'secret');
  await allSent(ann, id);
  await annGroups.invite(groupId, account(bob).id);
  await send(ann, id, 'after');
  await allSent(ann, id);
  bob.loss = 0;
  (await bob.session.runtime()).renewConnection();
  await expect.poll(() => texts(bob, id), soon).toEqual(['before', 'after']);
});

test('mentions have a counter of their own until they were read', async () => {
  const { ann, bob, cleo, id } = await team();
  await send(ann, id, '@bob01 look', [account(bob).id]);
  await send(ann, id, '@all listen', 'all');
  await expect.poll(async () => (await rowOf(bob, id))?.mentions, soon).toBe(2);
  await expect.poll(async () => (await rowOf(cleo, id))?.mentions, soon).toBe(1);
  expect((await rowOf(ann, id))?.mentions).toBeUndefined();
  const [first] = (await page(bob, id)).filter(({ mentions }) => mentions !== undefined);
  expect(first).toMatchObject({ mentions: [account(bob).id], meansMe: true });
  await (await bob.session.runtime()).setActive({ conversationId: id, focused: true });
  await expect.poll(async () => (await rowOf(bob, id))?.mentions, soon).toBeUndefined();
});

test('the way in by approval: request, refusal, request, approval, each seen by the one it concerns', async () => {
  const { ann, bob, groupId, id } = await team();
  const dave = await register('dave01');
  const [owner, applicant] = [await groupsOf(ann), await groupsOf(dave)];
  await owner.setPolicy(groupId, 'approval');
  expect(await applicant.join(groupId, 'let me in')).toBe('waiting');
  const request = async () => {
    const { conversations } = await (await ann.session.runtime()).listConversations();
    return conversations.find((row) => joinRequestOf(row.id)?.accountId === account(dave).id);
  };
  await expect.poll(request, soon).toMatchObject({ link: 'join-request' });
  expect(await owner.requests(groupId)).toMatchObject([
    { name: 'dave01', reason: 'let me in', inviterName: '' },
  ]);
  await expect.poll(async () => (await applicant.known(groupId))?.membership, soon).toBe('waiting');
  await owner.decide(groupId, account(dave).id, false);
  expect(await request()).toBeUndefined();
  await expect.poll(() => membershipNews(dave), soon).toEqual(['refused']);
  expect(await (await groupsOf(bob)).invite(groupId, account(dave).id)).toBe('waiting');
  await expect.poll(async () => (await applicant.known(groupId))?.membership, soon).toBe('waiting');
  await owner.decide(groupId, account(dave).id, true);
  await expect.poll(() => membershipNews(dave), soon).toEqual(['refused', 'approved']);
  await expect.poll(() => rowOf(dave, id), soon).toBeDefined();
  await expect(owner.decide(groupId, account(dave).id, true)).rejects.toMatchObject({
    details: { serverText: '非法操作' },
  });
});

test('renaming, announcing and the end of the group are seen by all; who ends it is not told twice', async () => {
  const { ann, bob, id, groupId } = await team();
  const owner = await groupsOf(ann);
  await owner.rename(groupId, 'Team');
  await owner.announce(groupId, 'Meeting at 10');
  await (await groupsOf(bob)).setNickname(groupId, 'Bobby');
  await expect.poll(async () => (await rowOf(bob, id))?.name, soon).toBe('Team');
  await expect
    .poll(() => groupsOf(bob).then((groups) => groups.known(groupId)), soon)
    .toMatchObject({ announcement: 'Meeting at 10', nickname: 'Bobby' });
  await expect(groupsOf(bob).then((groups) => groups.rename(groupId, 'Mine'))).rejects.toMatchObject({
    details: { serverText: '只有群主才能修改群名称' },
  });
  await owner.quit(groupId);
  await expect.poll(() => membershipNews(bob), soon).toEqual(['dissolved']);
  await expect.poll(async () => (await rowOf(ann, id))?.ended, soon).toBe('dissolved');
  expect(membershipNews(ann)).toEqual([]);
  expect(await owner.list()).toEqual([]);
  expect((await rowOf(bob, id))?.preview?.content).toMatchObject({ kind: 'notice' });
});

test('a recall in a group takes the words from all', async () => {
  const { ann, bob, id } = await team();
  const sent = await send(ann, id, 'oops', 'all');
  await expect.poll(() => texts(bob, id), soon).toEqual(['oops']);
  await (await ann.session.runtime()).recall(sent.id);
  await expect.poll(() => texts(bob, id), soon).toEqual(['']);
  await expect.poll(async () => (await rowOf(bob, id))?.mentions, soon).toBeUndefined();
  expect(conversationId('group', id.split(':')[1] ?? '')).toBe(id);
});

test('more groups than the server gives at once are all listed, the newest first, each once', async () => {
  const bob = await register('bob01');
  const client = new PlainClient(server.origin);
  const calls = new GroupCalls(client);
  const { username, password } = credentials('ann01');
  const founder = await client.register(username, password);
  const friend = await client.register('cleo01');
  const first = await calls.found(founder, [friend]);
  const groups = [first];
  for (let count = 1; count < 103; count++) groups.push(await calls.foundAgain(founder, [friend]));
  for (const group of groups) await calls.join(founder, group, account(bob).id);
  const listed = (await (await groupsOf(bob)).list()).map(({ groupId }) => groupId);
  expect(listed).toEqual(groups.toReversed());
});
