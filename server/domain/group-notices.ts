/**
 * Notices of groups (N1 to N7 and N10 of section 9). Those that are messages of the conversation are stored without the
 * group inside of them: it is put in for plain clients, see {@link withGroup}.
 */
import { NOTICE_AVATAR } from '../files/default-images.ts';
import type { AccountRecord, GroupRecord } from '../storage/records.ts';

/** Who speaks in a group: an account under its name there, or the server under a key. */
export interface Speaker {
  id: number | string;
  name: string;
  avatar: string;
}

export interface GroupNotice {
  uuid: string;
  from: Speaker;
  group: Pick<GroupRecord, 'id' | 'name' | 'avatar'>;
  text: string;
  createTime: number;
  /** Null for what is no message of the conversation. */
  seq: number | null;
  /** Extension: whom it speaks of, by their ids; an inviter of null when they came by themselves. */
  about?: { accountId: number; inviterId: number | null };
}

export function groupNotice({ uuid, from, group, text, createTime, seq, about }: GroupNotice): string {
  return JSON.stringify({
    ...envelope(uuid, from, group),
    type: 'systemNotice',
    data: { data: text, dataType: false, otherData: null },
    options: {},
    create_time: createTime,
    isremove: 0,
    group: null,
    ...(seq === null ? {} : { seq }),
    ...(about === undefined ? {} : { about: { account_id: about.accountId, inviter_id: about.inviterId } }),
  });
}

export interface GroupMessage {
  uuid: string;
  from: Speaker;
  senderUuid: string;
  group: Pick<GroupRecord, 'id' | 'name' | 'avatar'>;
  type: string;
  data: string;
  options: unknown;
  createTime: number;
  seq: number;
  clientMessageId: string | null;
  mentions: readonly number[] | 'all' | null;
}

/** A message that a member wrote. */
export function groupMessage(message: GroupMessage): string {
  const { uuid, from, group, clientMessageId, mentions } = message;
  return JSON.stringify({
    ...envelope(uuid, from, group),
    type: message.type,
    data: message.data,
    options: message.options,
    create_time: message.createTime,
    isremove: 0,
    group: null,
    sendUUid: message.senderUuid,
    seq: message.seq,
    ...(clientMessageId === null ? {} : { client_msg_id: clientMessageId }),
    ...(mentions === null ? {} : { mentions }),
  });
}

/** N7 in a group; unlike everywhere else there is a space behind the name. */
export function groupRecallNotice(notice: {
  uuid: string;
  from: Speaker;
  to: { id: number; name: string; avatar: string };
  createTime: number;
}): string {
  const { uuid, from, to, createTime } = notice;
  return JSON.stringify({
    ...envelope(uuid, from, to),
    type: 'systemNotice',
    actionType: 'revoke',
    data: { data: `${from.name} 撤回了一条消息`, dataType: false, otherData: null },
    options: {},
    create_time: createTime,
    isremove: 0,
    group: null,
  });
}

/** Key under which the server speaks about somebody who joins. */
export function joinKey(groupId: number, accountId: number, time: number): string {
  return `redirect-applyAddGroup${groupId}-${accountId}-${time}`;
}

export function joinSpeaker(key: string): Speaker {
  return { id: key, name: '加群申请提醒', avatar: NOTICE_AVATAR };
}

/** Text of N6. @param inviter null when they came by themselves. */
export function joinText(inviter: string | null, name: string): string {
  return `${invitation(inviter)}[${name}] 加入了群聊`;
}

function invitation(inviter: string | null): string {
  return inviter === null ? '' : `[${inviter}]邀请 `;
}

/** N10: somebody waits for the owner's approval. A service notice: it belongs to no conversation. */
export function joinRequestNotice(notice: {
  uuid: string;
  group: GroupRecord;
  /** The group as N10 shows it. */
  object: object;
  owner: { id: number; name: string; avatar: string };
  applicant: AccountRecord;
  /** Name of the applicant as shown. */
  name: string;
  inviter: string | null;
  reason: string;
  createTime: number;
}): string {
  const { group, owner, applicant, inviter, createTime } = notice;
  const key = joinKey(group.id, applicant.id, createTime);
  const desc = {
    addGroupUserType: inviter === null ? '用户自主进群' : '邀请进群',
    // The trailing space is part of the recorded text.
    inviteUser: inviter === null ? '' : `${inviter} `,
    addGroupTime: createTime,
    addGroupDesc: notice.reason,
    addGroupUserRole: applicant.role,
    msgidKey: key,
  };
  const query = [
    'action=applyAddGroup',
    `title=${encodeURIComponent('加群申请')}`,
    `id=${group.id}`,
    `name=${encodeURIComponent(group.name)}`,
    `avatar=${encodeURIComponent(group.avatar)}`,
    'chatType=group',
    `applyUserid=${applicant.id}`,
    `applyUsername=${notice.name}`,
    `applyUseruuid=${applicant.uuid}`,
    `applyUseravatar=${encodeURIComponent(applicant.avatar)}`,
    `applydesc=${encodeURIComponent(JSON.stringify(desc))}`,
  ].join('&');
  return JSON.stringify({
    id: notice.uuid,
    from_avatar: NOTICE_AVATAR,
    from_name: '加群处理',
    from_id: key,
    to_id: owner.id,
    to_name: owner.name,
    to_avatar: owner.avatar,
    chatType: 'single',
    type: 'text',
    data: {
      data: `请处理申请 ${invitation(inviter)}[${notice.name}] 加入了群[${group.name}]`,
      dataType: false,
      otherData: null,
    },
    options: {},
    create_time: createTime,
    isremove: 0,
    group: notice.object,
    redirect: { url: `/pages/setpageInfo/setpageInfo?${query}`, type: 'navigateTo', desc },
    msgidKey: key,
  });
}

const NO_GROUP = '"group":null';

/**
 * Puts the group into a stored message. The last match is ours: inside of texts quotes are escaped, and nothing that a
 * client makes up comes behind it.
 */
export function withGroup(payload: string, group: string | null): string {
  const place = group === null ? -1 : payload.lastIndexOf(NO_GROUP);
  if (group === null || place < 0) return payload;
  return `${payload.slice(0, place)}"group":${group}${payload.slice(place + NO_GROUP.length)}`;
}

function envelope(uuid: string, from: Speaker, group: { id: number; name: string; avatar: string }) {
  return {
    id: uuid,
    from_avatar: from.avatar,
    from_name: from.name,
    from_id: from.id,
    to_id: group.id,
    to_name: group.name,
    to_avatar: group.avatar,
    chatType: 'group',
  };
}
