/** Names of people in the eyes of others. */
import type { AccountRecord } from '../storage/records.ts';
import type { Stores } from '../storage/storage.ts';
import { displayName } from './account-views.ts';
import type { Party } from './message-objects.ts';

/** An account as another one sees it: under their alias for it, else its nickname, else its user name. */
export async function asSeenBy(
  stores: Pick<Stores, 'contacts'>,
  account: AccountRecord,
  viewer: AccountRecord,
  withAlias: boolean,
): Promise<Party> {
  const alias = withAlias ? (await stores.contacts.find(viewer.id, account.id))?.nickname : undefined;
  return { account, name: alias === undefined || alias === '' ? displayName(account) : alias };
}
