/**
 * A message of a group: stored once, told to everybody. Plain clients get rows of the queue that point to it; clients that
 * catch up with the change log need none, so a message costs them one entry for all.
 */
import type { Bus } from '../bus/bus.ts';
import type { ChangeKind, GroupRecord } from '../storage/records.ts';
import { EVERYBODY } from '../storage/storage.ts';
import type { UnitOfWork } from '../storage/storage.ts';
import { groupInMessage } from './group-objects.ts';
import { withGroup } from './group-notices.ts';

export interface GroupPost {
  group: GroupRecord;
  uuid: string;
  seq: number;
  senderId: number;
  clientMessageId: string | null;
  notice: boolean;
  /** The message object without the group in it. */
  payload: string;
  createTime: number;
  /** Whom the protocol sends it to. */
  recipients: readonly number[];
  /** The group as plain clients get it inside of the message; asked only when one of them needs it. */
  object: () => Promise<{ id: number; text: string }>;
  /** The answer is for a plain client as well. */
  answered?: boolean;
}

/** @returns row id, and the message object: as a plain client gets it when that was asked for, else as stored */
export async function post(
  unit: UnitOfWork,
  bus: Bus,
  message: GroupPost,
): Promise<{ messageId: number; answer: string }> {
  const { group, payload, senderId } = message;
  const dependants = await unit.deliveries.dependants(message.recipients);
  const isNeeded = dependants.length > 0 || message.answered === true;
  const object = isNeeded ? await message.object() : null;
  const messageId = await unit.messages.insert({
    uuid: message.uuid,
    conversationId: group.conversationId,
    seq: message.seq,
    senderId,
    clientMessageId: message.clientMessageId,
    notice: message.notice,
    payload,
    createTime: message.createTime,
    snapshotId: object?.id ?? null,
  });
  const full = withGroup(payload, object?.text ?? null);
  for (const { recipientId, ordinal } of await unit.deliveries.enqueueForAll(dependants, { messageId })) {
    unit.afterCommit(() => bus.publish({ type: 'queued', accountId: recipientId, ordinal, payload: full }));
  }
  const members = await unit.changes.members(group.conversationId);
  const queued = new Set(dependants);
  const accountIds = members.filter((id) => !queued.has(id) && (message.notice || id !== senderId));
  unit.afterCommit(() => bus.publish({ type: 'posted', accountIds, payload }));
  await changeOfAll(unit, bus, group, 'conversation', members);
  return { messageId, answer: message.answered === true ? full : payload };
}

/** The group inside of messages: made again only when something changed since the last one. */
export async function currentObject(
  unit: UnitOfWork,
  group: GroupRecord,
): Promise<{ id: number; text: string }> {
  const known = group.snapshotId === null ? undefined : await unit.groups.snapshot(group.snapshotId);
  if (known !== undefined && group.snapshotId !== null) return { id: group.snapshotId, text: known };
  const text = JSON.stringify(groupInMessage(group, await unit.groups.members(group.id, 1)));
  return { id: await unit.groups.keepSnapshot(group.id, text), text };
}

/** A group object that only one notice has. */
export function ownObject(unit: UnitOfWork, object: object): () => Promise<{ id: number; text: string }> {
  return async () => {
    const text = JSON.stringify(object);
    return { id: await unit.groups.keepObject(text), text };
  };
}

/** A frame that is no message of the conversation, for all of these. */
export async function notify(
  unit: UnitOfWork,
  bus: Bus,
  notice: { payload: string; recipients: readonly number[] },
): Promise<void> {
  const { payload, recipients } = notice;
  const dependants = await unit.deliveries.dependants(recipients);
  for (const { recipientId, ordinal } of await unit.deliveries.enqueueForAll(dependants, {
    notice: payload,
  })) {
    unit.afterCommit(() => bus.publish({ type: 'queued', accountId: recipientId, ordinal, payload }));
  }
  const queued = new Set(dependants);
  const accountIds = recipients.filter((id) => !queued.has(id));
  unit.afterCommit(() => bus.publish({ type: 'posted', accountIds, payload }));
}

/** One entry of the change log for all members. */
export async function changeOfAll(
  unit: UnitOfWork,
  bus: Bus,
  group: Pick<GroupRecord, 'conversationId'>,
  kind: ChangeKind,
  members?: readonly number[],
  messageId?: number,
): Promise<void> {
  const { conversationId } = group;
  const accountIds = members ?? (await unit.changes.members(conversationId));
  const subject = messageId === undefined ? { conversationId } : { conversationId, messageId };
  const cursor = await unit.changes.append(EVERYBODY, kind, subject);
  unit.afterCommit(() => bus.publish({ type: 'all-changed', accountIds, cursor }));
}
