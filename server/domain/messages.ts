/** Sending (E25) and taking back (E27). Stored once, numbered without gaps, answered after the commit, repeatable by its client id. */
import { v4 as uuid } from 'uuid';
import type { AccountRecord } from '../storage/records.ts';
import type { UnitOfWork } from '../storage/storage.ts';
import { displayName } from './account-views.ts';
import { changeOf, conversationChanged } from './changes.ts';
import type { DomainContext } from './context.ts';
import { enqueue } from './delivery.ts';
import { LARGEST_SERVER_FRAME } from '#protocol/wire/frames';
import { isTooDeep } from './json-depth.ts';
import { personMessage, recallNotice, tombstone } from './message-objects.ts';
import type { Party } from './message-objects.ts';
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

export function messageRules({ storage, bus, config, now }: DomainContext): Messages {
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
    const payload = personMessage({
      uuid: id,
      from: await asSeenBy(unit, sender, recipient, sender.role === 'user'),
      to: await asSeenBy(unit, recipient, sender, true),
      type,
      data,
      options: decodedOptions(request.options),
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
    await enqueue(unit, bus, { recipientId: recipient.id, messageId, payload });
    unit.afterCommit(() => bus.publish({ type: 'sent', accountId: sender.id, tokenHash, payload }));
    await conversationChanged(unit, bus, conversationId);
    return payload;
  }

  function checkAge(createTime: number): void {
    if (now() - createTime <= config.recallSeconds * 1000) return;
    const minutes = config.recallSeconds / 60;
    const limit = Number.isInteger(minutes) ? `${minutes}分钟` : `${config.recallSeconds}秒`;
    throw new Refusal(`消息超过${limit}，不能撤回`);
  }

  async function recallSingle(
    unit: UnitOfWork,
    sender: AccountRecord,
    request: RecallRequest,
  ): Promise<string> {
    const message = await unit.messages.written(sender.id, request.id);
    if (message?.peerId !== request.toId) {
      // The original's check, which is all it has; then ours: only what is stored and one's own (quirks Q12, Q14).
      if (request.createTime !== 0) checkAge(request.createTime);
      throw new Refusal('消息不存在，不能撤回');
    }
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
    await unit.messages.recall(messageId, tombstone(message.payload), recalledAt);
    for (const { recipientId: accountId, ordinal } of await unit.deliveries.withdraw(messageId)) {
      unit.afterCommit(() => bus.publish({ type: 'withdrawn', accountId, ordinal }));
    }
    const payload = notice(recalledAt);
    await enqueue(unit, bus, { recipientId: request.toId, messageId: null, payload });
    for (const memberId of await unit.changes.members(conversationId)) {
      await changeOf(unit, bus, memberId, 'recall', { conversationId, messageId });
    }
    return payload;
  }

  return {
    send({ account: sender, tokenHash }, request) {
      sends.take(String(sender.id));
      return storage.write(async (unit) => {
        const { clientMessageId } = request;
        // Before any rule: a retry must learn that it had succeeded even if the rules would refuse it by now.
        const first =
          clientMessageId === null ? undefined : await unit.messages.byClientId(sender.id, clientMessageId);
        if (first !== undefined) return first.payload;
        // The row the request came in with may have changed while it waited for its turn.
        const current = (await unit.accounts.byId(sender.id)) ?? sender;
        if (request.chatType === 'group') throw new Refusal('群不存在或者已解散或者被封禁，无法发消息');
        return sendSingle(unit, current, request, tokenHash);
      });
    },

    recall({ account }, request) {
      sends.take(String(account.id));
      return storage.write(async (unit) => {
        if (request.chatType === 'group') throw new Refusal('群不存在');
        const sender = (await unit.accounts.byId(account.id)) ?? account;
        return recallSingle(unit, sender, request);
      });
    },
  };
}

/** Name of an account in the eyes of another one: their alias for it, else its nickname, else its user name. */
async function asSeenBy(
  unit: UnitOfWork,
  account: AccountRecord,
  viewer: AccountRecord,
  withAlias: boolean,
): Promise<Party> {
  const alias = withAlias ? (await unit.contacts.find(viewer.id, account.id))?.nickname : undefined;
  return { account, name: alias === undefined || alias === '' ? displayName(account) : alias };
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
