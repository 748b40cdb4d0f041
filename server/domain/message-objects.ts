/** Message objects (section 8) as the server makes them. Field order is that of the recorded ones; extensions come last. */
import { NOTICE_AVATAR } from '../files/default-images.ts';
import type { AccountRecord } from '../storage/records.ts';
import { displayName } from './account-views.ts';

/** One end of a message: the account, and the name under which the other one sees it. */
export interface Party {
  account: AccountRecord;
  name: string;
}

export interface PersonMessage {
  uuid: string;
  from: Party;
  to: Party;
  type: string;
  /** Content as sent: JSON text, or bare text of hand-made clients. */
  data: string;
  options: unknown;
  createTime: number;
  seq: number;
  /** Null when the sender gave none: plain clients then see exactly the documented fields and `seq`. */
  clientMessageId: string | null;
}

/** A message written by a person, as answered to the sender and delivered to the recipient. */
export function personMessage(message: PersonMessage): string {
  return JSON.stringify({
    ...envelope(message.uuid, message.from, message.to),
    type: message.type,
    data: message.data,
    options: message.options,
    create_time: message.createTime,
    isremove: 0,
    sendUUid: message.from.account.uuid,
    seq: message.seq,
    ...(message.clientMessageId === null ? {} : { client_msg_id: message.clientMessageId }),
  });
}

/** N9: the friendship began. Each of the two gets a copy that comes from the other one. */
export function friendshipNotice(notice: {
  uuid: string;
  from: Party;
  to: Party;
  createTime: number;
  seq: number;
}): string {
  return JSON.stringify({
    ...envelope(notice.uuid, notice.from, notice.to),
    type: 'systemNotice',
    data: { data: '我们已经是好友了，可以开始聊天了', dataType: false, otherData: null },
    options: {},
    create_time: notice.createTime,
    isremove: 0,
    seq: notice.seq,
  });
}

/** N8: somebody asks for friendship. A service notice: it belongs to no conversation and has no `seq`. */
export function applicationNotice(notice: {
  uuid: string;
  applicant: AccountRecord;
  target: AccountRecord;
  createTime: number;
}): string {
  const { applicant, target } = notice;
  const key = `redirect-applyFriend-${applicant.id}`;
  return JSON.stringify({
    id: notice.uuid,
    from_avatar: NOTICE_AVATAR,
    from_name: '好友申请提醒',
    from_id: key,
    to_id: target.id,
    to_name: displayName(target),
    to_avatar: target.avatar,
    chatType: 'single',
    type: 'text',
    data: {
      data: `用户[${displayName(applicant)}]申请添加您为好友，请尽快处理`,
      dataType: false,
      otherData: null,
    },
    redirect: { url: '/pages/applyMyfriend/applyMyfriend', type: 'navigateTo' },
    options: {},
    create_time: notice.createTime,
    isremove: 0,
    msgidKey: key,
  });
}

/** N7: somebody took a message back. It carries the id of that message. */
export function recallNotice(notice: {
  uuid: string;
  from: AccountRecord;
  to: { id: number; name: string; avatar: string };
  createTime: number;
}): string {
  const { from, to } = notice;
  return JSON.stringify({
    id: notice.uuid,
    from_avatar: from.avatar,
    from_name: displayName(from),
    from_id: from.id,
    to_id: to.id,
    to_name: to.name,
    to_avatar: to.avatar,
    chatType: 'single',
    type: 'systemNotice',
    actionType: 'revoke',
    data: { data: `${displayName(from)}撤回了一条消息`, dataType: false, otherData: null },
    options: {},
    create_time: notice.createTime,
    isremove: 0,
    group: null,
  });
}

/** What stays of a recalled message: who, where and when, its ids and its number. */
export function tombstone(payload: string): string {
  const message = JSON.parse(payload) as Record<string, unknown>;
  const data = JSON.stringify({ data: '', dataType: false, otherData: null });
  return JSON.stringify({ ...message, type: 'text', data, options: null, isremove: 1, recalled: true });
}

/** A notice that the server wrote to both ends, as the one sees it in whose name it was stored. */
export function mirroredNotice(payload: string): string {
  const message = JSON.parse(payload) as Record<string, unknown>;
  const swapped: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(message)) {
    const other = name.replace(/^(from|to)_(?=id$|name$|avatar$)/, (_, end) =>
      end === 'from' ? 'to_' : 'from_',
    );
    swapped[name] = other === name ? value : message[other];
  }
  return JSON.stringify(swapped);
}

function envelope(uuid: string, from: Party, to: Party) {
  return {
    id: uuid,
    from_avatar: from.account.avatar,
    from_name: from.name,
    from_id: from.account.id,
    to_id: to.account.id,
    to_name: to.name,
    to_avatar: to.account.avatar,
    chatType: 'single',
  };
}
