/** What the rules of groups share. */
import type { AccountRecord, GroupRecord } from '../storage/records.ts';
import type { Stores, UnitOfWork } from '../storage/storage.ts';
import { composedAvatar } from './group-objects.ts';
import { Refusal } from './refusal.ts';

export const GROUP_FULL = '群成员已满';
export const NOT_YOURS = '群不存在或者被封禁或者你无权操作';

/** The group if it belongs to the caller; a missing one is refused with the same words. */
export async function ownedGroup(
  stores: Pick<Stores, 'groups'>,
  caller: AccountRecord,
  groupId: number,
  refusal: string,
): Promise<GroupRecord> {
  const group = await stores.groups.byId(groupId);
  if (group?.ownerId !== caller.id) throw new Refusal(refusal);
  return group;
}

/** Composes the picture again after somebody came or went. */
export async function recomposeAvatar(unit: UnitOfWork, groupId: number, now: number): Promise<void> {
  const members = await unit.groups.members(groupId, 1);
  await unit.groups.update(groupId, { avatar: composedAvatar(members) }, now);
}
