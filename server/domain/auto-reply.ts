/** A stored answer that is sent by itself, a moment after the question (N12, N13). */
import { v4 as uuid } from 'uuid';
import { findAnswer, findFittingAnswer } from './answer-search.ts';
import { conversationChanged } from './changes.ts';
import type { DomainContext } from './context.ts';
import { enqueue } from './delivery.ts';
import { autoReply, autoReplyForOwner } from './message-objects.ts';
import { asSeenBy } from './parties.ts';

/** Milliseconds between question and answer: it should look like one. */
const DELAY = 1200;
/** Questions come in the store of this type. */
const TYPE = 'single';

export interface Question {
  askerId: number;
  /** Whose answers are searched. */
  ownerId: number;
  /** Type of the message that asked; the answer takes it over. */
  type: string;
  text: string;
  /** Only while the owner is nowhere connected, and only an answer that fits (extension `auto_reply`). */
  onlyIfAway: boolean;
}

export interface AutoReply {
  /** Call after the commit of the question. A server that stops in between answers nothing. */
  asked(question: Question): void;
  /** Says who is connected; before it is called nobody counts as away. */
  watch(isOnline: (accountId: number) => boolean): void;
  stop(): void;
}

export function autoReplyRules({ storage, bus, now, log }: DomainContext): AutoReply {
  const timers = new Set<NodeJS.Timeout>();
  let isOnline: (accountId: number) => boolean = () => true;

  async function reply({ askerId, ownerId, type, text, onlyIfAway }: Question): Promise<void> {
    if (onlyIfAway && isOnline(ownerId)) return;
    const items = await storage.answers.list(ownerId, TYPE);
    const found = (onlyIfAway ? findFittingAnswer : findAnswer)(items, text, now());
    if (found === undefined) return;
    await storage.write(async (unit) => {
      const [asker, owner] = [await unit.accounts.byId(askerId), await unit.accounts.byId(ownerId)];
      if (asker?.status !== 1 || owner?.status !== 1) return;
      const createTime = now();
      const id = uuid();
      const conversationId = await unit.messages.singleConversation(askerId, ownerId, createTime);
      const seq = await unit.messages.nextSeq(conversationId);
      const from = await asSeenBy(unit, owner, asker, true);
      const to = await asSeenBy(unit, asker, owner, true);
      const { answer } = found.item;
      const payload = autoReply({ uuid: id, from, to, type, answer, createTime, seq });
      // A notice, because no person wrote it: it does not use up what its owner may write to a stranger.
      const message = {
        uuid: id,
        conversationId,
        seq,
        senderId: ownerId,
        clientMessageId: null,
        notice: true,
      };
      const messageId = await unit.messages.insert({ ...message, payload, createTime });
      await enqueue(unit, bus, { recipientId: askerId, messageId, payload });
      if (ownerId !== askerId) {
        const ownCopy = { messageId, payload: autoReplyForOwner(payload, asker.uuid), ownCopy: true };
        await enqueue(unit, bus, { recipientId: ownerId, ...ownCopy });
      }
      await conversationChanged(unit, bus, conversationId);
    });
  }

  return {
    asked(question) {
      // Whoever was there when it was asked has seen it, also if they leave a moment later.
      if (question.onlyIfAway && isOnline(question.ownerId)) return;
      const timer = setTimeout(() => {
        timers.delete(timer);
        reply(question).catch((error: unknown) => log.error({ err: error }, 'no automatic answer'));
      }, DELAY);
      timers.add(timer);
    },
    watch(answer) {
      isOnline = answer;
    },
    stop() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
