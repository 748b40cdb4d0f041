/** Who may write to whom (table of E25), judged by the recipient's settings and contact row. */
import type { AccountRecord } from '../storage/records.ts';
import type { Stores } from '../storage/storage.ts';
import { Refusal } from './refusal.ts';
import { sendCountFor } from './userset.ts';

const ONLY_ONE = '在成为好友之前，对方只允许向他发一条消息';

/** Returns the recipient, or throws the documented refusal. The sender's role is the one in the database, not the token's (quirk Q2). */
export async function checkMayWrite(
  stores: Pick<Stores, 'contacts' | 'messages'>,
  sender: AccountRecord,
  recipient: AccountRecord | undefined,
): Promise<AccountRecord> {
  if (recipient === undefined || recipient.status !== 1) {
    throw new Refusal('对方不存在或者被禁用，不能发消息');
  }
  const row = await stores.contacts.find(recipient.id, sender.id);
  const allowed = sendCountFor(sender.role, recipient.userset);
  const wroteBefore = (): Promise<boolean> => stores.messages.hasWritten(sender.id, recipient.id);

  if (sender.role === 'visitor') {
    if (allowed === 0) {
      if (row === undefined) throw new Refusal('你们不是好友关系，对方设置成：先登录才能发消息');
      if (row.isblack !== 0) throw new Refusal('对方把你拉黑了，不能发消息');
      if (row.status !== 1) throw new Refusal('系统把你们拉黑了，不能发消息');
    }
    // Documented: one message counts for guests even when they are friends.
    if (allowed === 1 && (await wroteBefore())) throw new Refusal(ONLY_ONE);
    return recipient;
  }

  if (row !== undefined) {
    if (row.isblack !== 0) throw new Refusal('对方把你拉黑了，不能发送消息');
    if (row.status !== 1) throw new Refusal('系统把你们拉黑了，不能发送消息');
    return recipient;
  }
  if (allowed === 0) throw new Refusal('对方设置成：需要您先成为他的好友才能发消息');
  if (allowed === 1 && (await wroteBefore())) throw new Refusal(ONLY_ONE);
  return recipient;
}
