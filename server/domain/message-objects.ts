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

/**
 * N12: an answer that its owner prepared. `auto_reply` is an extension: it tells such an answer from a written one, for
 * clients and for {@link mirroredNotice}.
 */
export function autoReply(reply: {
  uuid: string;
  from: Party;
  to: Party;
  type: string;
  answer: string;
  createTime: number;
  seq: number;
}): string {
  return JSON.stringify({
    ...envelope(reply.uuid, reply.from, reply.to),
    type: reply.type,
    data: contentText(reply.answer),
    options: {},
    create_time: reply.createTime,
    isremove: 0,
    sendUUid: reply.from.account.uuid,
    seq: reply.seq,
    auto_reply: true,
  });
}

/** N13: the owner's copy of N12, told as a notice from the one who asked. */
export function autoReplyForOwner(payload: string, askerUuid: string): string {
  const { data, ...message } = JSON.parse(swappedEnds(payload)) as Record<string, unknown>;
  const answer = (JSON.parse(String(data)) as { data: string }).data;
  const text = `系统根据您设置的问答数据，挑选了最接近的答案，回复给对方，回复内容是：\n\n ${answer}`;
  const notice: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(message)) {
    if (name === 'type') Object.assign(notice, { type: 'systemNotice', data: contentText(text) });
    else notice[name] = name === 'sendUUid' ? askerUuid : value;
  }
  return JSON.stringify(notice);
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
  const { mentions: _mentions, ...message } = JSON.parse(payload) as Record<string, unknown>;
  const data = JSON.stringify({ data: '', dataType: false, otherData: null });
  return JSON.stringify({ ...message, type: 'text', data, options: null, isremove: 1, recalled: true });
}

/**
 * A notice that the server wrote to both ends, as the one sees it in whose name it was stored.
 * @param viewerPeer the other end of the conversation
 */
export function mirroredNotice(payload: string, viewerPeer: { uuid: string } | undefined): string {
  const { auto_reply: isAutoReply } = JSON.parse(payload) as { auto_reply?: unknown };
  return isAutoReply === true ? autoReplyForOwner(payload, viewerPeer?.uuid ?? '') : swappedEnds(payload);
}

function swappedEnds(payload: string): string {
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

/** Content object of a plain text as JSON text, as people's messages carry it. */
function contentText(text: string): string {
  return JSON.stringify({ data: text, dataType: false, otherData: null });
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
