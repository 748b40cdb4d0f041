/** Catching up: the change log, older messages, read marks (extensions `sync`, `history`, `read_state`). */
import type { WireChange } from '#protocol/wire/sync';
import type {
  AccountRecord,
  ChangeRecord,
  ConversationRecord,
  HistoryMessage,
  MemberWindow,
} from '../storage/records.ts';
import type { Stores } from '../storage/storage.ts';
import { changeOf, conversationChanged } from './changes.ts';
import type { DomainContext } from './context.ts';
import { markAudience } from './group-reading.ts';
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

export function syncRules({ storage, bus, config }: DomainContext) {
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
      return {
        reset,
        changes: newestOfEach(page).map(wireChange),
        cursor: more ? last : Math.max(head, last),
        more,
      };
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
      const rows = await visibleMessages(storage, id, found.windows, {
        fromSeq: (afterSeq ?? 0) + 1,
        // Not above the head of the answer, or a message that comes in between would seem to have no place.
        toSeq: Math.min(headSeq, beforeSeq === 0 ? headSeq : beforeSeq - 1),
        newest: afterSeq === null,
        limit: Math.min(limit, MOST_MESSAGES),
      });
      const peer = request.chatType === 'single' ? await storage.accounts.byId(request.id) : undefined;
      const messages = rows.map(({ notice, senderId, payload }) =>
        notice && request.chatType === 'single' && senderId === caller.id
          ? mirroredNotice(payload, peer)
          : payload,
      );
      const windows =
        request.chatType === 'group' ? `,"windows":${JSON.stringify(found.windows.map(wireWindow))}` : '';
      return `{"messages":[${messages.join(',')}],"head_seq":${headSeq},"first_seq":${firstSeq}${windows}}`;
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
        if (chat.chatType === 'single') {
          await conversationChanged(unit, bus, found.id);
          return { read_seq: mark };
        }
        // The others of a group see marks, not changes of the conversation: one entry each would be n² of them.
        await changeOf(unit, bus, caller.id, 'conversation', { conversationId: found.id });
        const accountIds = await markAudience(unit, chat.id, config.readReceiptsUpTo);
        const told = { accountIds, groupId: chat.id, accountId: caller.id, readSeq: mark };
        if (accountIds.includes(caller.id)) {
          unit.afterCommit(() => bus.publish({ type: 'member-read', ...told }));
        }
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

/** Messages of a range, as far as they lie in windows of the member; ascending. */
async function visibleMessages(
  stores: Pick<Stores, 'changes'>,
  conversationId: number,
  windows: readonly MemberWindow[],
  range: { fromSeq: number; toSeq: number; newest: boolean; limit: number },
): Promise<HistoryMessage[]> {
  const found: HistoryMessage[] = [];
  for (const window of range.newest ? [...windows].reverse() : windows) {
    const fromSeq = Math.max(range.fromSeq, window.firstSeq);
    const toSeq = Math.min(range.toSeq, window.lastSeq ?? range.toSeq);
    const limit = range.limit - found.length;
    if (fromSeq > toSeq || limit === 0) continue;
    const rows = await stores.changes.history(conversationId, { ...range, fromSeq, toSeq, limit });
    if (range.newest) found.unshift(...rows);
    else found.push(...rows);
  }
  return found;
}

/** A subject can have an entry of the account and one of everybody; a recall is shown to those who saw the message. */
function newestOfEach(records: readonly ChangeRecord[]): ChangeRecord[] {
  const bySubject = new Map<string, ChangeRecord>();
  for (const record of records) {
    if (record.kind === 'recall' && !record.visible) continue;
    const of = record.kind === 'contacts' ? '' : `${record.chatType} ${record.chatId}`;
    const key = `${record.kind} ${of} ${record.kind === 'recall' ? record.messageUuid : ''}`;
    bySubject.delete(key);
    bySubject.set(key, record);
  }
  return [...bySubject.values()];
}

function wireWindow({ firstSeq, lastSeq }: MemberWindow) {
  return { first_seq: firstSeq, ...(lastSeq === null ? {} : { last_seq: lastSeq }) };
}

/** Details are for those who have to do with the group; others learn that they have not. */
function wireGroup(record: ChangeRecord & { kind: 'group' }): WireChange {
  const { chatId: id, name, avatar, dissolved, ownStatus } = record;
  const membership =
    ownStatus === null ? 'none' : ownStatus === 2 ? 'waiting' : ownStatus === 0 ? 'muted' : 'member';
  const shared = { kind: 'group' as const, id, name, avatar, membership, dissolved } as const;
  if (membership === 'none') return shared;
  return {
    ...shared,
    details: {
      owner_id: record.ownerId,
      remark: record.remark,
      invite_confirm: record.inviteConfirm,
      read_receipts: record.readReceipts,
      members: record.members,
      waiting: record.waiting,
      nickname: record.ownNickname,
    },
  };
}

function wireChange(record: ChangeRecord): WireChange {
  if (record.kind === 'contacts') return { kind: 'contacts' };
  if (record.kind === 'group') return wireGroup(record);
  const chat = { chatType: record.chatType, id: record.chatId };
  if (record.kind === 'recall') {
    return {
      kind: 'recall',
      ...chat,
      message_id: record.messageUuid,
      seq: record.seq,
      from_id: record.senderId,
      from_name: record.senderName,
      create_time: record.createdAt,
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
      ...(record.chatType === 'single' ? {} : { windows: record.windows.map(wireWindow) }),
      ...(record.endReason === null ? {} : { ended: record.endReason }),
    },
  };
}
