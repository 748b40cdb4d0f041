/** Groups and their members as the protocol shows them (section 5.5); every place has a shape of its own. */
import type { GroupMemberRecord, GroupMemberWithAccount, GroupRecord } from '../storage/records.ts';
import { displayName } from './account-views.ts';
import { isoSeconds, localTime } from './times.ts';

/** Bytes of a composed picture list, and how many pictures it has at most. */
const LONGEST_AVATAR = 4000;
const MOST_TILES = 9;
/** Code points of a composed name. */
const LONGEST_NAME = 50;

/** Name of a member in the group: the own one there, else nickname, else user name. */
export function nameInGroup(
  member: Pick<GroupMemberRecord, 'nickname'> | undefined,
  account: { nickname: string; username: string },
): string {
  return member === undefined || member.nickname === '' ? displayName(account) : member.nickname;
}

export function avatarInGroup(
  member: Pick<GroupMemberRecord, 'avatar'> | undefined,
  account: { avatar: string },
): string {
  return member === undefined || member.avatar === '' ? account.avatar : member.avatar;
}

/** Comma list of the first members' pictures; only whole addresses. */
export function composedAvatar(members: readonly { avatar: string; account: { avatar: string } }[]): string {
  let list = '';
  for (const member of members.slice(0, MOST_TILES)) {
    const longer = `${list === '' ? '' : `${list},`}${avatarInGroup(member, member.account)}`;
    if (longer.length > LONGEST_AVATAR) break;
    list = longer;
  }
  return list;
}

export function composedName(accounts: readonly { nickname: string; username: string }[]): string {
  const joined = accounts.map(displayName).join('、');
  return [...joined].slice(0, LONGEST_NAME).join('');
}

function row(group: GroupRecord) {
  return {
    create_time: localTime(group.createTime),
    id: group.id,
    uuid: group.uuid,
    user_id: group.ownerId,
    name: group.name,
    avatar: group.avatar,
    remark: group.remark,
    invite_confirm: group.inviteConfirm,
    status: group.status,
    order: group.order,
  };
}

function briefMember(member: GroupMemberRecord) {
  const { groupId: group_id, accountId: user_id, nickname, avatar } = member;
  return { group_id, user_id, nickname, avatar };
}

function fullMember(member: GroupMemberRecord) {
  const { id, groupId, accountId, nickname, avatar, status, order } = member;
  return {
    create_time: localTime(member.createTime),
    id,
    group_id: groupId,
    user_id: accountId,
    nickname,
    avatar,
    status,
    order,
    groupId,
  };
}

/** An entry of "my groups" (E29): of the members only the own row. */
export function listedGroup(group: GroupRecord, own: GroupMemberRecord) {
  return { ...row(group), group_users: [briefMember(own)] };
}

/** Group and active members (E30). */
export function groupProfile(group: GroupRecord, members: readonly GroupMemberWithAccount[]) {
  const group_users = members.map((member) => {
    const { id, username, avatar, nickname, uuid, role } = member.account;
    return { ...fullMember(member), user: { id, username, avatar, nickname, uuid, role } };
  });
  return { ...row(group), group_users };
}

/** Inside of messages (E25). */
export function groupInMessage(group: GroupRecord, members: readonly GroupMemberRecord[]) {
  const group_users = members.map((member) => {
    const { id, groupId: group_id, accountId: user_id, nickname, avatar, status, order } = member;
    return { id, group_id, user_id, nickname, avatar, status, order };
  });
  return { ...row(group), update_time: isoSeconds(group.updateTime), group_users };
}

/** Inside of N1. */
export function newGroup(group: GroupRecord) {
  const { create_time, uuid, remark, invite_confirm, status, order, id, user_id, name, avatar } = row(group);
  const update_time = isoSeconds(group.updateTime);
  return {
    create_time,
    update_time,
    uuid,
    remark,
    invite_confirm,
    status,
    order,
    id,
    user_id,
    name,
    avatar,
  };
}

/** Inside of N2 and N3. */
export function changedGroup(group: GroupRecord, members: readonly GroupMemberRecord[]) {
  const group_users = members.map(briefMember);
  return { ...row(group), update_time: isoSeconds(group.updateTime), group_users };
}

/** Inside of N4 and N5. */
export function groupThatWas(group: GroupRecord, members: readonly GroupMemberWithAccount[]) {
  const group_users = members.map((member) => {
    const { id, username, avatar, nickname } = member.account;
    return { ...fullMember(member), user: { id, username, avatar, nickname } };
  });
  return { ...row(group), group_users };
}

/** Inside of N6 and N10, with the owner. */
export function joinedGroup(
  group: GroupRecord,
  owner: { username: string; nickname: string; avatar: string },
  members: readonly GroupMemberWithAccount[],
) {
  const group_users = members.map(({ nickname, avatar, accountId: user_id, status, account }) => {
    return { nickname, avatar, user_id, status, user: face(account) };
  });
  const { order: _order, ...rest } = row(group);
  return { ...rest, user: face(owner), group_users };
}

/** Inside of N6 after an approval. */
export function approvedGroup(group: GroupRecord, members: readonly GroupMemberRecord[]) {
  const group_users = members.map((member) => {
    const { order: _order, ...rest } = fullMember(member);
    return rest;
  });
  const { order: _order, ...rest } = row(group);
  return { ...rest, group_users };
}

function face({ username, nickname, avatar }: { username: string; nickname: string; avatar: string }) {
  return { username, nickname, avatar };
}
