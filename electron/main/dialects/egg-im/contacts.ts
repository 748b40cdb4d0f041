import type { z } from 'zod';
import { MagpieError } from '#protocol/errors';
import type { Contact, FoundAccount, FriendApplication } from '#protocol/model/contact';
import { wireFoundAccount, wireUserSettings } from '#protocol/wire/account';
import { wireApplicationList, wireContactList } from '#protocol/wire/contacts';
import { resolveAvatar } from './normalise.ts';

/** An authenticated call of this account; throws MagpieErrors. */
export type AuthenticatedCall = (method: 'GET' | 'POST', path: string, body?: unknown) => Promise<unknown>;

const EVERYBODY = 'limit=5000';

export async function listContacts(call: AuthenticatedCall, origin: string): Promise<Contact[]> {
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
    })),
  );
}

export async function searchAccounts(
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
export async function apply(
  call: AuthenticatedCall,
  accountId: number,
  message: string,
): Promise<{ outcome: 'applied' | 'friends' }> {
  const settings = read(
    wireUserSettings,
    await call('POST', '/api/chat/getUserSetInfo', { userid: accountId }),
  );
  const body = { friend_id: accountId, ...(message === '' ? {} : { nickname: message }) };
  if (settings.invite_confirm === 0) {
    await call('POST', '/api/chat/autoAddFriendAndAgree', body);
    return { outcome: 'friends' };
  }
  await call('POST', '/api/chat/applyfriend', body);
  return { outcome: 'applied' };
}

export async function listApplications(
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

function read<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new MagpieError('bad-answer', `unexpected shape at "${where}"`);
}
