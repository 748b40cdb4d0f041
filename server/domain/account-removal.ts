/**
 * The end of an account: what was its own goes, what it said stays with those to whom it was said. The row stays without a
 * name, because messages and logs point to its number.
 */
import { v4 as uuid } from 'uuid';
import { DEFAULT_AVATAR } from '../files/default-images.ts';
import type { AccountRecord } from '../storage/records.ts';
import type { UnitOfWork } from '../storage/storage.ts';
import { changeOf, conversationChanged } from './changes.ts';
import type { DomainContext } from './context.ts';
import { groupLeaving } from './group-leaving.ts';

export function accountRemoval({ storage, bus, now }: Pick<DomainContext, 'storage' | 'bus' | 'now'>) {
  const groups = groupLeaving({ storage, bus, now });

  /** A name that nobody has, and that nobody would take for somebody's. */
  async function emptyName(unit: UnitOfWork, id: number): Promise<string> {
    const name = `removed-${id}`;
    return (await unit.accounts.byUsername(name)) === undefined ? name : `${name}-${uuid().slice(0, 8)}`;
  }

  return {
    /** Part of a larger transaction. Whoever had to do with the account hears of it. */
    async remove(unit: UnitOfWork, account: AccountRecord): Promise<void> {
      const { id } = account;
      for (const groupId of await unit.groups.idsOf(id)) await groups.leaveForGood(unit, groupId, account);
      const friends = (await unit.contacts.list(id)).map(({ friendId }) => friendId);
      const acquaintances = new Set([
        ...friends,
        ...(await unit.contacts.ownersOf(id)),
        ...(await unit.applications.removeAll(id)),
      ]);
      for (const otherId of acquaintances) {
        await unit.contacts.removeBoth(id, otherId);
        await changeOf(unit, bus, otherId, 'contacts');
      }
      for (const { tokenHash } of await unit.sessions.list(id)) await unit.sessions.remove(tokenHash);
      await unit.answers.removeAll(id);
      await unit.files.useAsAvatar(id, null);
      await unit.deliveries.removeUpTo(id, Number.MAX_SAFE_INTEGER);
      await unit.admin.setAdministrator(id, false);
      await unit.accounts.erase(id, {
        username: await emptyName(unit, id),
        avatar: DEFAULT_AVATAR,
        now: now(),
      });
      // Now that they have another name: all who wrote to them see it.
      for (const conversationId of await unit.changes.singleConversations(id))
        await conversationChanged(unit, bus, conversationId);
    },
  };
}
