/** The files of an account as the app has them, on a server that nobody asks. */
import {
  createAccountMedia,
  type AccountMedia,
  type AccountMediaOptions,
} from '../../electron/main/media/account-media.ts';
import { createFakeClock } from '../../electron/main/support/fake-clock.ts';
import { silentLogger } from '../../electron/main/support/logger.ts';
import { SAMPLE_KEY } from './history/temporary-history.ts';
import { testNetwork } from './test-network.ts';

/** @param given what the test is about: the folder of the account, and what it wants of the rest */
export function accountMedia({
  dialect,
  ...given
}: Pick<AccountMediaOptions, 'folder'> &
  Partial<Omit<AccountMediaOptions, 'dialect'>> & {
    dialect?: Partial<AccountMediaOptions['dialect']>;
  }): AccountMedia {
  const unused = () => Promise.reject(new Error('not asked for'));
  return createAccountMedia({
    secret: SAMPLE_KEY,
    dialect: {
      ...{ upload: unused, giveUpUpload: unused, cover: unused, accessTo: () => null, sendMedia: unused },
      ...{ choosesPlace: false, snapshotOf: () => null },
      network: testNetwork(),
      ...dialect,
    },
    clock: createFakeClock(),
    logger: silentLogger,
    uploadPlace: () => 'server',
    isOnline: () => true,
    cacheLimit: () => 1_000_000_000,
    onProgress: () => undefined,
    ...given,
  });
}
