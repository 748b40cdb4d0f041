/** "Read by n of m" in groups (extension `group_receipts`): off above a size, and where the owner switched it off. */
import type { AccountRecord, GroupRecord, MemberMark } from '../storage/records.ts';
import type { Stores } from '../storage/storage.ts';
import type { DomainContext } from './context.ts';
import { nameInGroup } from './group-objects.ts';
import { Refusal } from './refusal.ts';

const NOT_A_MEMBER = '你不在该群聊中，操作失败';

export function groupReading({ storage, config }: DomainContext) {
  async function ownGroup(caller: AccountRecord, groupId: number): Promise<GroupRecord> {
    const group = await storage.groups.byId(groupId);
    const own = await storage.groups.member(groupId, caller.id);
    if (group === undefined || own === undefined || own.status === 2) throw new Refusal(NOT_A_MEMBER);
    return group;
  }

  return {
    /** Marks of all members: how many have read a message is a comparison with its number. */
    async marks(caller: AccountRecord, groupId: number) {
      const group = await ownGroup(caller, groupId);
      const marks = await storage.memberships.marks(group.conversationId);
      if (!showsReaders(group, marks.length, config.readReceiptsUpTo)) return { enabled: false, marks: [] };
      return { enabled: true, marks: marks.map(wireMark) };
    },

    /** Who has read one message, by name. Counted are the members who were there, without its author. */
    async readers(caller: AccountRecord, groupId: number, seq: number) {
      const group = await ownGroup(caller, groupId);
      const found = await storage.changes.conversation(caller.id, 'group', groupId);
      const isVisible = found?.windows.some(
        ({ firstSeq, lastSeq }) => seq >= firstSeq && seq <= (lastSeq ?? found.headSeq),
      );
      if (isVisible !== true) throw new Refusal('消息不存在');
      const marks = await storage.memberships.marks(group.conversationId);
      if (!showsReaders(group, marks.length, config.readReceiptsUpTo)) {
        return { enabled: false, read: [], unread: [] };
      }
      const [message] = await storage.changes.history(group.conversationId, {
        fromSeq: seq,
        toSeq: seq,
        newest: false,
        limit: 1,
      });
      const members = await storage.groups.members(groupId);
      const people = new Map(members.map((member) => [member.accountId, member]));
      const read: object[] = [];
      const unread: object[] = [];
      for (const mark of marks) {
        const member = people.get(mark.accountId);
        if (member === undefined || mark.firstSeq > seq || mark.accountId === message?.senderId) continue;
        const { id, uuid, avatar } = member.account;
        const person = { id, uuid, name: nameInGroup(member, member.account), avatar };
        (mark.readSeq >= seq ? read : unread).push(person);
      }
      return { enabled: true, read, unread };
    },
  };
}

function wireMark({ accountId, readSeq, firstSeq }: MemberMark) {
  return { account_id: accountId, read_seq: readSeq, first_seq: firstSeq };
}

export function showsReaders(group: GroupRecord, members: number, most: number): boolean {
  return group.readReceipts && members <= most;
}

/** Whom a new mark of a member is told; nobody where receipts are off. */
export async function markAudience(
  stores: Pick<Stores, 'groups' | 'changes'>,
  groupId: number,
  most: number,
): Promise<number[]> {
  const group = await stores.groups.byId(groupId);
  if (group === undefined) return [];
  const members = await stores.changes.members(group.conversationId);
  return showsReaders(group, members.length, most) ? members : [];
}
