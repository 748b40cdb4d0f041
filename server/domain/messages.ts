/** Sending (E25). Stored once, numbered without gaps, answered after the commit, repeatable by its client id. */
import { v4 as uuid } from 'uuid';
import type { AccountRecord } from '../storage/records.ts';
import type { UnitOfWork } from '../storage/storage.ts';
import { displayName } from './account-views.ts';
import type { DomainContext } from './context.ts';
import { enqueue } from './delivery.ts';
import { LARGEST_SERVER_FRAME } from '#protocol/wire/frames';
import { isTooDeep } from './json-depth.ts';
import { personMessage } from './message-objects.ts';
import type { Party } from './message-objects.ts';
import { Refusal } from './refusal.ts';
import { checkMayWrite } from './send-permission.ts';
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
  send(sender: AccountRecord, request: SendRequest): Promise<string>;
}

export function messageRules({ storage, bus, config, now }: DomainContext): Messages {
  const sends = new Allowances({ perSecond: config.sendsPerSecond, burst: config.sendsPerSecond * 20, now });

  async function sendSingle(unit: UnitOfWork, sender: AccountRecord, request: SendRequest): Promise<string> {
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
    return payload;
  }

  return {
    send(sender, request) {
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
        return sendSingle(unit, current, request);
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
