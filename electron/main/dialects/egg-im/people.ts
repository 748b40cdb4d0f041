/** E7 to E24 on the wire: people, friendships, the own account. */
import type { z } from 'zod';
import { MagpieError } from '#protocol/errors';
import type { Contact, FoundAccount, FriendApplication } from '#protocol/model/contact';
import { wireFoundAccount, wireProfile, wireUserSettings } from '#protocol/wire/account';
import { ALIAS_PATH, wireApplicationList, wireContactList, wireFriendship } from '#protocol/wire/contacts';
import { parseUserset } from '#protocol/wire/userset';
import type { FriendFlags, Manners, PeopleDialect, PublicProfile } from '../people-dialect.ts';
import { resolveAvatar, type Reader } from './normalise.ts';
import type { Network } from '../../network/network.ts';
import { uploadPicture } from './upload-picture.ts';

/** An authenticated call of this account; throws MagpieErrors. */
export type AuthenticatedCall = (method: 'GET' | 'POST', path: string, body?: unknown) => Promise<unknown>;

export function createPeopleDialect(
  call: AuthenticatedCall,
  reader: Reader,
  { token, signal, fetch }: { token: string; signal: AbortSignal; fetch: Network['fetch'] },
): PeopleDialect {
  const { origin, accountId: ownId } = reader;
  const post = async (path: string, body?: unknown): Promise<void> => {
    await call('POST', `/api/chat/${path}`, body);
  };
  return {
    listContacts: () => listContacts(call, origin),
    searchAccounts: (keyword) => searchAccounts(call, origin, ownId, keyword),
    apply: (target, message) => apply(call, target, message),
    listApplications: (page) => listApplications(call, origin, page),
    handleApplication: (id, decision, alias) =>
      post(`handleapply/${id}`, {
        status: decision,
        ...(alias === undefined || alias === '' ? {} : { nickname: alias }),
      }),
    profile: (uuid) => fetchProfile(call, origin, uuid),
    manners: (target) => fetchManners(call, target),
    friendFlags: (target) => fetchFriendFlags(call, target),
    toggleStarred: (target) => post(`setstargoodfriend/${target}`),
    toggleBlocked: (target) => post(`setblackgoodfriend/${target}`),
    setVisibility: (target, { showsMine, showsTheirs }) =>
      post(`setmeOrfriendCanSee/${target}`, {
        friendlookme: Number(showsMine),
        melookfriend: Number(showsTheirs),
      }),
    async setAlias(target, alias) {
      await call('POST', `${ALIAS_PATH}/${target}`, { nickname: alias });
    },
    removeFriend: (target) => post(`deletegoodfriend/${target}`),
    changeOwn: (fieldname, fieldValue) => post('updateUserinfo', { fieldname, fieldValue }),
    uploadAvatar: (picture) => uploadPicture({ origin, token, signal, fetch, folder: 'avatars' }, picture),
    saveUserset: (userset) => post('userset', { userset }),
    changePassword: ({ current, next }) =>
      post('setPassword', { oldpassword: current, newpassword: next, checknewpassword: next }),
  };
}

const EVERYBODY = 'limit=5000';

async function listContacts(call: AuthenticatedCall, origin: string): Promise<Contact[]> {
  const { rows } = read(wireContactList, await call('GET', `/api/chat/goodfriendlist/1?${EVERYBODY}`));
  return rows.newList.flatMap((letter) =>
    letter.list.map((row) => ({
      accountId: row.friend_id,
      contactId: row.id,
      uuid: row.uuid,
      username: row.username,
      nickname: row.friend_nickname,
      alias: row.beizhu,
      name: row.name,
      avatar: resolveAvatar(origin, row.avatar),
      initial: letter.title,
      starred: row.ismystarfriend,
      blocked: row.isblack,
    })),
  );
}

async function searchAccounts(
  call: AuthenticatedCall,
  origin: string,
  ownId: number,
  keyword: string,
): Promise<FoundAccount[]> {
  const [answer, contacts] = await Promise.all([
    call('POST', '/api/chat/searchUser', { keyword }),
    listContacts(call, origin),
  ]);
  const friends = new Set(contacts.map((contact) => contact.accountId));
  return read(wireFoundAccount.array(), answer).map((row) => ({
    accountId: row.id,
    uuid: row.uuid,
    username: row.username,
    nickname: row.nickname,
    avatar: resolveAvatar(origin, row.avatar),
    relation: row.id === ownId ? 'self' : friends.has(row.id) ? 'friend' : 'stranger',
  }));
}

/** Applies, or befriends at once where the other person wants no confirmation. */
async function apply(
  call: AuthenticatedCall,
  accountId: number,
  message: string,
): Promise<{ outcome: 'applied' | 'friends' }> {
  const manners = await fetchManners(call, accountId);
  const body = { friend_id: accountId, ...(message === '' ? {} : { nickname: message }) };
  if (manners?.confirms === false) {
    await call('POST', '/api/chat/autoAddFriendAndAgree', body);
    return { outcome: 'friends' };
  }
  await call('POST', '/api/chat/applyfriend', body);
  return { outcome: 'applied' };
}

async function listApplications(
  call: AuthenticatedCall,
  origin: string,
  page: number,
): Promise<{ applications: FriendApplication[]; pendingCount: number }> {
  const answer = read(wireApplicationList, await call('GET', `/api/chat/listapplyfriend/${page}?limit=30`));
  return {
    pendingCount: answer.pendingCount,
    applications: answer.alldata.map((row) => ({
      id: row.id,
      applicant: {
        accountId: row.user?.id ?? row.user_id,
        uuid: row.user?.uuid ?? '',
        username: row.user?.username ?? '',
        nickname: row.user?.nickname ?? '',
        avatar: resolveAvatar(origin, row.user?.avatar),
      },
      message: row.nickname,
      status: row.status,
      createdAt: row.create_time,
    })),
  };
}

async function fetchProfile(
  call: AuthenticatedCall,
  origin: string,
  uuid: string,
): Promise<PublicProfile | null> {
  const row = read(wireProfile, await call('GET', `/api/userinfo/${encodeURIComponent(uuid)}`));
  if (row === null) return null;
  return {
    accountId: row.id,
    uuid: row.uuid,
    username: row.username,
    nickname: row.nickname,
    avatar: resolveAvatar(origin, row.avatar),
    role: row.role,
    location: row.userinfo?.location ?? '',
    bio: row.userinfo?.bio ?? '',
  };
}

async function fetchManners(call: AuthenticatedCall, accountId: number): Promise<Manners | null> {
  const row = await unlessRefused(call('POST', '/api/chat/getUserSetInfo', { userid: accountId }));
  if (row === null) return null;
  const { uuid, userset, invite_confirm } = read(wireUserSettings, row);
  return { uuid, userset, confirms: invite_confirm !== 0, ...parseUserset(userset) };
}

async function fetchFriendFlags(call: AuthenticatedCall, accountId: number): Promise<FriendFlags | null> {
  const answer = await unlessRefused(call('POST', `/api/chat/ismygoodfriend/${accountId}`));
  if (answer === null) return null;
  const row = read(wireFriendship, answer);
  return {
    alias: row?.nickname ?? '',
    starred: row?.ismystarfriend ?? false,
    showsMine: row?.friendlookme ?? true,
    showsTheirs: row?.melookfriend ?? true,
  };
}

/** For questions to which a refusal is an answer. */
async function unlessRefused<Answer>(asking: Promise<Answer>): Promise<Answer | null> {
  try {
    return await asking;
  } catch (thrown) {
    if (thrown instanceof MagpieError && thrown.code === 'refused') return null;
    throw thrown;
  }
}

function read<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new MagpieError('bad-answer', `unexpected shape at "${where}"`);
}
