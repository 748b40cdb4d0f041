/** Sending (E25) and taking back (E27). Stored once, numbered without gaps, answered after the commit, repeatable by its client id. */
import { v4 as uuid } from 'uuid';
import type { AccountRecord, GroupMemberRecord, WrittenMessage } from '../storage/records.ts';
import type { UnitOfWork } from '../storage/storage.ts';
import { displayName } from './account-views.ts';
import type { AutoReply } from './auto-reply.ts';
import { changeOf, conversationChanged } from './changes.ts';
import type { DomainContext } from './context.ts';
import { enqueue } from './delivery.ts';
import { groupMessage, groupRecallNotice, withGroup } from './group-notices.ts';
import type { Speaker } from './group-notices.ts';
import { avatarInGroup, nameInGroup } from './group-objects.ts';
import { changeOfAll, currentObject, notify, post } from './group-posting.ts';
import { checkUploads, useFilesInMessage } from './file-uses.ts';
import { LARGEST_SERVER_FRAME } from '#protocol/wire/frames';
import { isTooDeep } from './json-depth.ts';
import { personMessage, recallNotice, tombstone } from './message-objects.ts';
import { asSeenBy } from './parties.ts';
import { Refusal } from './refusal.ts';
import { checkMayWrite } from './send-permission.ts';
import type { Caller } from './sessions.ts';
import { Allowances } from './throttle.ts';

export interface SendRequest {
  toId: number;
  chatType: 'single' | 'group';
  type: string;
  data: string;
  /** As it came: percent-encoded JSON text, plain JSON text, or empty. */
  options: string;
  clientMessageId: string | null;
  /** Extension `mentions`; in groups only. */
  mentions: readonly number[] | 'all' | null;
  /** Extension `uploads`: ids of the sender's uploads that the message needs. */
  uploads: readonly string[];
}

/**
 * Bytes of a stored message. A body of 1 MiB can grow sixfold when control characters become escapes; a frame longer
 * than a client reads would end its socket at every try, and nothing behind it would ever arrive.
 */
const LARGEST_MESSAGE = LARGEST_SERVER_FRAME - 64 * 1024;

export interface Messages {
  /** Returns the message object as JSON text. A repeat of a client id gets the first answer again, byte by byte. */
  send(caller: Caller, request: SendRequest): Promise<string>;
  /** Returns the notice (N7) as JSON text. A repeat is answered like the first call. */
  recall(caller: Caller, request: RecallRequest): Promise<string>;
}

export interface RecallRequest {
  toId: number;
  chatType: 'single' | 'group';
  id: string;
  /** What the client says about the other end and the time; empty and 0 when it says nothing. */
  toName: string;
  toAvatar: string;
  createTime: number;
}

export function messageRules(
  { storage, bus, config, now }: DomainContext,
  autoReply: Pick<AutoReply, 'asked'>,
): Messages {
  const sends = new Allowances({ perSecond: config.sendsPerSecond, burst: config.sendsPerSecond * 20, now });

  async function sendSingle(
    unit: UnitOfWork,
    sender: AccountRecord,
    request: SendRequest,
    tokenHash: string,
  ): Promise<string> {
    const recipient = await checkMayWrite(unit, sender, await unit.accounts.byId(request.toId));
    const createTime = now();
    const id = uuid();
    const conversationId = await unit.messages.singleConversation(sender.id, recipient.id, createTime);
    const seq = await unit.messages.nextSeq(conversationId);
    const { type, data, clientMessageId } = request;
    const options = decodedOptions(request.options);
    const payload = personMessage({
      uuid: id,
      from: await asSeenBy(unit, sender, recipient, sender.role === 'user'),
      to: await asSeenBy(unit, recipient, sender, true),
      type,
      data,
      options,
      createTime,
      seq,
      clientMessageId,
    });
    if (Buffer.byteLength(payload) > LARGEST_MESSAGE) throw new Refusal('消息内容过长，无法发送');
    const messageId = await unit.messages.insert({
      uuid: id,
      conversationId,
      seq,
      senderId: sender.id,
      clientMessageId,
      notice: false,
      payload,
      createTime,
    });
    await useFilesInMessage(unit, sender, messageId, [data, request.options]);
    await enqueue(unit, bus, { recipientId: recipient.id, messageId, payload });
    unit.afterCommit(() => bus.publish({ type: 'sent', accountId: sender.id, tokenHash, payload }));
    await conversationChanged(unit, bus, conversationId);
    const asked = askedForAnswer(options);
    if (asked !== undefined) {
      const onlyIfAway = asked === 'away';
      const question = {
        askerId: sender.id,
        ownerId: recipient.id,
        type,
        text: contentText(data),
        onlyIfAway,
      };
      unit.afterCommit(() => autoReply.asked(question));
    }
    return payload;
  }

  async function sendToGroup(
    unit: UnitOfWork,
    sender: AccountRecord,
    request: SendRequest,
    caller: Caller,
  ): Promise<string> {
    const group = await unit.groups.byId(request.toId);
    if (group?.status !== 1) throw new Refusal('群不存在或者已解散或者被封禁，无法发消息');
    const own = await unit.groups.member(group.id, sender.id);
    if (own?.status !== 1) throw new Refusal('您不在群里，无法发消息');
    const createTime = now();
    const id = uuid();
    const seq = await unit.messages.nextSeq(group.conversationId);
    const { type, data, clientMessageId } = request;
    const members = await unit.groups.members(group.id, 1);
    const payload = groupMessage({
      uuid: id,
      from: speaker(own, sender),
      senderUuid: sender.uuid,
      group,
      type,
      data,
      options: decodedOptions(request.options),
      createTime,
      seq,
      clientMessageId,
      mentions: mentionedMembers(request.mentions, members),
    });
    if (Buffer.byteLength(payload) > LARGEST_MESSAGE) throw new Refusal('消息内容过长，无法发送');
    const { messageId, answer } = await post(unit, bus, {
      group,
      uuid: id,
      seq,
      senderId: sender.id,
      clientMessageId,
      notice: false,
      payload,
      createTime,
      recipients: members.map((member) => member.accountId).filter((accountId) => accountId !== sender.id),
      object: () => currentObject(unit, group),
      answered: caller.plain,
    });
    await useFilesInMessage(unit, sender, messageId, [data, request.options]);
    const { tokenHash } = caller;
    unit.afterCommit(() => bus.publish({ type: 'sent', accountId: sender.id, tokenHash, payload }));
    return answer;
  }

  function checkAge(createTime: number): void {
    if (now() - createTime <= config.recallSeconds * 1000) return;
    const minutes = config.recallSeconds / 60;
    const limit = Number.isInteger(minutes) ? `${minutes}分钟` : `${config.recallSeconds}秒`;
    throw new Refusal(`消息超过${limit}，不能撤回`);
  }

  /** The original's check, which is all it has; then ours: only what is stored and one's own (quirks Q12, Q14). */
  function refuseUnknown(request: RecallRequest): never {
    if (request.createTime !== 0) checkAge(request.createTime);
    throw new Refusal('消息不存在，不能撤回');
  }

  /** Erases the content and takes copies that still wait out of the queues. */
  async function erase(unit: UnitOfWork, message: WrittenMessage, recalledAt: number): Promise<void> {
    await unit.messages.recall(message.id, tombstone(message.payload), recalledAt);
    await unit.files.releaseMessage(message.id);
    for (const { recipientId: accountId, ordinal } of await unit.deliveries.withdraw(message.id)) {
      unit.afterCommit(() => bus.publish({ type: 'withdrawn', accountId, ordinal }));
    }
  }

  async function recallInGroup(
    unit: UnitOfWork,
    sender: AccountRecord,
    request: RecallRequest,
  ): Promise<string> {
    const group = await unit.groups.byId(request.toId);
    if (group === undefined) throw new Refusal('群不存在');
    const own = await unit.groups.member(group.id, sender.id);
    if (own?.status !== 1) throw new Refusal('你不在该群聊中，操作失败');
    const message = await unit.messages.written(sender.id, request.id);
    if (message?.groupId !== group.id) return refuseUnknown(request);
    const to = {
      id: group.id,
      name: request.toName === '' ? group.name : request.toName,
      avatar: request.toAvatar === '' ? group.avatar : request.toAvatar,
    };
    const notice = (createTime: number): string =>
      groupRecallNotice({ uuid: request.id, from: speaker(own, sender), to, createTime });
    if (message.recalledAt !== null) return notice(message.recalledAt);
    checkAge(message.createTime);
    const recalledAt = now();
    await erase(unit, message, recalledAt);
    const payload = notice(recalledAt);
    const listed = await unit.groups.members(group.id);
    await notify(unit, bus, { payload, recipients: listed.map((member) => member.accountId) });
    await changeOfAll(unit, bus, group, 'recall', undefined, message.id);
    const subject = { conversationId: message.conversationId, messageId: message.id };
    for (const formerId of await unit.memberships.formerWitnesses(message.conversationId, message.seq)) {
      await changeOf(unit, bus, formerId, 'recall', subject);
    }
    return payload;
  }

  async function recallSingle(
    unit: UnitOfWork,
    sender: AccountRecord,
    request: RecallRequest,
  ): Promise<string> {
    const message = await unit.messages.written(sender.id, request.id);
    if (message?.peerId !== request.toId) return refuseUnknown(request);
    const peer = await unit.accounts.byId(request.toId);
    const to = {
      id: request.toId,
      name: request.toName === '' && peer !== undefined ? displayName(peer) : request.toName,
      avatar: request.toAvatar === '' && peer !== undefined ? peer.avatar : request.toAvatar,
    };
    const notice = (createTime: number): string =>
      recallNotice({ uuid: request.id, from: sender, to, createTime });
    if (message.recalledAt !== null) return notice(message.recalledAt);
    checkAge(message.createTime);
    const recalledAt = now();
    const { id: messageId, conversationId } = message;
    await erase(unit, message, recalledAt);
    const payload = notice(recalledAt);
    await enqueue(unit, bus, { recipientId: request.toId, messageId: null, payload });
    for (const memberId of await unit.changes.members(conversationId)) {
      await changeOf(unit, bus, memberId, 'recall', { conversationId, messageId });
    }
    return payload;
  }

  return {
    send(caller, request) {
      const { account: sender, tokenHash } = caller;
      sends.take(String(sender.id));
      return storage.write(async (unit) => {
        const { clientMessageId } = request;
        // Before any rule: a retry must learn that it had succeeded even if the rules would refuse it by now.
        const first =
          clientMessageId === null ? undefined : await unit.messages.byClientId(sender.id, clientMessageId);
        if (first !== undefined) return caller.plain ? withGroup(first.payload, first.group) : first.payload;
        // The row the request came in with may have changed while it waited for its turn.
        const current = (await unit.accounts.byId(sender.id)) ?? sender;
        await checkUploads(unit, sender.id, request.uploads);
        if (request.chatType === 'group') return sendToGroup(unit, current, request, caller);
        return sendSingle(unit, current, request, tokenHash);
      });
    },

    recall({ account }, request) {
      sends.take(String(account.id));
      return storage.write(async (unit) => {
        const sender = (await unit.accounts.byId(account.id)) ?? account;
        return request.chatType === 'group'
          ? recallInGroup(unit, sender, request)
          : recallSingle(unit, sender, request);
      });
    },
  };
}

function speaker(own: GroupMemberRecord, account: AccountRecord): Speaker {
  return { id: account.id, name: nameInGroup(own, account), avatar: avatarInGroup(own, account) };
}

/** Only members can be meant; null when nobody is. */
function mentionedMembers(
  mentions: SendRequest['mentions'],
  members: readonly GroupMemberRecord[],
): readonly number[] | 'all' | null {
  if (mentions === null || mentions === 'all') return mentions;
  const here = new Set(members.map((member) => member.accountId));
  const meant = [...new Set(mentions)].filter((id) => here.has(id));
  return meant.length === 0 ? null : meant;
}

/** Anything unreadable becomes null; any JSON value is kept. */
function decodedOptions(text: string): unknown {
  if (text === '') return null;
  try {
    const decoded = decodeURIComponent(text);
    return isTooDeep(decoded) ? null : JSON.parse(decoded);
  } catch {
    return null;
  }
}

/** The sender wants to hear what the recipient prepared for such questions; `away`: if nobody is there to answer. */
function askedForAnswer(options: unknown): 'always' | 'away' | undefined {
  if (typeof options !== 'object' || options === null || !('askanswer' in options)) return undefined;
  if (options.askanswer === 'away') return 'away';
  return options.askanswer ? 'always' : undefined;
}

/** The words of a message: `data` of its content object, or a bare text. */
function contentText(data: string): string {
  try {
    if (isTooDeep(data)) return data;
    const content: unknown = JSON.parse(data);
    if (typeof content !== 'object' || content === null || !('data' in content)) return data;
    return typeof content.data === 'string' ? content.data : data;
  } catch {
    return data;
  }
}
