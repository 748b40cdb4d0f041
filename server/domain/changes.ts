/** Entries of the change log: written in the unit of what they tell of, announced after its commit. */
import type { Bus } from '../bus/bus.ts';
import type { ChangeKind } from '../storage/records.ts';
import type { UnitOfWork } from '../storage/storage.ts';

export async function changeOf(
  unit: UnitOfWork,
  bus: Bus,
  accountId: number,
  kind: ChangeKind,
  subject?: { conversationId: number; messageId?: number },
): Promise<void> {
  const cursor = await unit.changes.append(accountId, kind, subject);
  unit.afterCommit(() => bus.publish({ type: 'changed', accountId, cursor, kind }));
}

/** Tells all members of a conversation where it stands now. */
export async function conversationChanged(unit: UnitOfWork, bus: Bus, conversationId: number): Promise<void> {
  for (const memberId of await unit.changes.members(conversationId)) {
    await changeOf(unit, bus, memberId, 'conversation', { conversationId });
  }
}
