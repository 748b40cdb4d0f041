/** Catching up: the change log, older messages, read marks (extensions `sync`, `history`, `read_state`). */
import type { WireChange } from '#protocol/wire/sync';
import type { AccountRecord, ChangeRecord, ConversationRecord } from '../storage/records.ts';
import type { Stores } from '../storage/storage.ts';
import { conversationChanged } from './changes.ts';
import type { DomainContext } from './context.ts';
import { mirroredNotice } from './message-objects.ts';
import { Refusal } from './refusal.ts';

/** Entries and messages per answer, whatever was asked for. */
const MOST_CHANGES = 1000;
const MOST_MESSAGES = 500;

export interface Chat {
  chatType: 'single' | 'group';
  id: number;
}

export interface HistoryRequest extends Chat {
  /** 0 for no bound. Both bounds are exclusive. */
  beforeSeq: number;
  /** Null for no bound. */
  afterSeq: number | null;
  limit: number;
}

export type Sync = ReturnType<typeof syncRules>;

export function syncRules({ storage, bus }: DomainContext) {
  return {
    /** Cursor at which the log of everybody stands. */
    head: (): Promise<number> => storage.changes.head(),

    async changes(caller: AccountRecord, cursor: number | null, limit: number) {
      const most = Math.min(limit, MOST_CHANGES);
      // First the head: an entry that comes after it may be missed here and is found with this cursor.
      const head = await storage.changes.head();
      const reset = cursor === null || cursor > head || (await storage.changes.isGap(cursor));
      const records = await storage.changes.after(caller.id, reset ? 0 : cursor, most + 1);
      const more = records.length > most;
      const page = more ? records.slice(0, most) : records;
      const last = page.at(-1)?.cursor ?? 0;
      return { reset, changes: page.map(wireChange), cursor: more ? last : Math.max(head, last), more };
    },

    /** Messages as JSON text, because they are stored as that. */
    async history(caller: AccountRecord, request: HistoryRequest): Promise<string> {
      const found = await conversationOf(storage, caller, request);
      if (found === undefined) {
        if (request.chatType === 'group') throw new Refusal('您不在群里，无法查看消息');
        return JSON.stringify({ messages: [], head_seq: 0, first_seq: 1 });
      }
      const { id, headSeq, firstSeq } = found;
      const { beforeSeq, afterSeq, limit } = request;
      const rows = await storage.changes.history(id, {
        fromSeq: Math.max(firstSeq, (afterSeq ?? 0) + 1),
        // Not above the head of the answer, or a message that comes in between would seem to have no place.
        toSeq: Math.min(headSeq, beforeSeq === 0 ? headSeq : beforeSeq - 1),
        newest: afterSeq === null,
        limit: Math.min(limit, MOST_MESSAGES),
      });
      const messages = rows.map(({ notice, senderId, payload }) =>
        notice && request.chatType === 'single' && senderId === caller.id ? mirroredNotice(payload) : payload,
      );
      return `{"messages":[${messages.join(',')}],"head_seq":${headSeq},"first_seq":${firstSeq}}`;
    },

    /** Marks only rise, and never above the newest message. */
    read(caller: AccountRecord, chat: Chat, seq: number): Promise<{ read_seq: number }> {
      return storage.write(async (unit) => {
        const found = await conversationOf(unit, caller, chat);
        if (found === undefined) throw new Refusal('会话不存在');
        const mark = Math.min(seq, found.headSeq);
        if (!(await unit.changes.raiseRead(caller.id, found.id, mark))) return { read_seq: found.readSeq };
        const own = { ...chat, account_id: caller.id, read_seq: mark };
        unit.afterCommit(() => bus.publish({ type: 'read', accountId: caller.id, mark: own }));
        if (chat.chatType === 'single' && chat.id !== caller.id) {
          const theirs = { ...own, id: caller.id };
          unit.afterCommit(() => bus.publish({ type: 'read', accountId: chat.id, mark: theirs }));
        }
        await conversationChanged(unit, bus, found.id);
        return { read_seq: mark };
      });
    },
  };
}

function conversationOf(
  stores: Pick<Stores, 'changes'>,
  caller: AccountRecord,
  chat: Chat,
): Promise<ConversationRecord | undefined> {
  return stores.changes.conversation(caller.id, chat.chatType, chat.id);
}

function wireChange(record: ChangeRecord): WireChange {
  if (record.kind === 'contacts') return { kind: 'contacts' };
  const chat = { chatType: record.chatType, id: record.chatId };
  if (record.kind === 'recall') {
    return {
      kind: 'recall',
      ...chat,
      message_id: record.messageUuid,
      seq: record.seq,
      from_id: record.senderId,
      from_name: record.senderName,
      create_time: record.recalledAt,
    };
  }
  return {
    kind: 'conversation',
    conversation: {
      ...chat,
      name: record.name,
      avatar: record.avatar,
      head_seq: record.headSeq,
      first_seq: record.firstSeq,
      read_seq: record.readSeq,
      ...(record.peerReadSeq === null ? {} : { peer_read_seq: record.peerReadSeq }),
    },
  };
}
