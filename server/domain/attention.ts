/** Who may see that somebody is there or types (extensions `presence` and `typing`). */
import type { DomainContext } from './context.ts';
import { Refusal } from './refusal.ts';
import { checkMayWrite } from './send-permission.ts';

export interface Attention {
  /** Presence is for contacts on both sides; whom they blacklisted sees nothing. */
  maySee(watcherId: number, accountId: number): Promise<boolean>;
  /** Typing is shown to those one may write to, unless one of the two blacklisted the other. */
  mayType(senderId: number, recipientId: number): Promise<boolean>;
  /** Who sees that a member types in a group: the other members; nobody when they may not write there. */
  groupAudience(senderId: number, groupId: number): Promise<number[]>;
}

export function attentionRules({ storage }: DomainContext): Attention {
  return {
    async maySee(watcherId, accountId) {
      if ((await storage.contacts.find(watcherId, accountId)) === undefined) return false;
      const theirs = await storage.contacts.find(accountId, watcherId);
      return theirs?.isblack === 0 && theirs.status === 1;
    },
    async groupAudience(senderId, groupId) {
      const group = await storage.groups.byId(groupId);
      const own = await storage.groups.member(groupId, senderId);
      if (group?.status !== 1 || own?.status !== 1) return [];
      return (await storage.changes.members(group.conversationId)).filter((id) => id !== senderId);
    },
    async mayType(senderId, recipientId) {
      if (senderId === recipientId) return false;
      const sender = await storage.accounts.byId(senderId);
      if (sender === undefined) return false;
      const theirs = await storage.contacts.find(recipientId, senderId);
      const mine = await storage.contacts.find(senderId, recipientId);
      if ((theirs?.isblack ?? 0) !== 0 || (mine?.isblack ?? 0) !== 0) return false;
      try {
        await checkMayWrite(storage, sender, await storage.accounts.byId(recipientId));
        return true;
      } catch (error) {
        if (error instanceof Refusal) return false;
        throw error;
      }
    },
  };
}
