import { toWireError } from '#protocol/errors';
import type { Account } from '#protocol/model/account';
import type { People } from '../people/people.ts';
import type { Logger } from '../support/logger.ts';

export interface ApplicationCountOptions {
  account(): Account;
  people: Pick<People, 'listApplications'>;
  log: Logger;
  onCount(change: { pendingCount: number }): void;
}

/**
 * Tells the window how many applications wait; it fetches the lists again when it cares. Never throws.
 */
export function createApplicationCount({ account, people, log, onCount }: ApplicationCountOptions) {
  let isCounting = false;

  return async (): Promise<void> => {
    if (isCounting || account().role === 'visitor') return;
    isCounting = true;
    try {
      onCount({ pendingCount: (await people.listApplications(1)).pendingCount });
    } catch (thrown) {
      log.warn('applications-not-counted', { code: toWireError(thrown).code });
    } finally {
      isCounting = false;
    }
  };
}
