/** The app's own way out, short of Electron: real dialing, real certificates, no proxy unless one is set. */
import tls from 'node:tls';
import {
  openNetwork,
  type NetworkOptions,
  type OpenNetwork,
} from '../../electron/main/network/open-network.ts';
import { plainSecretBox } from '../../electron/main/session/secrets.ts';
import { settingsOver } from '../../electron/main/settings/settings.ts';
import { systemClock } from '../../electron/main/support/clock.ts';
import { silentLogger } from '../../electron/main/support/logger.ts';

/** @param change for example `systemProxy`, or the `authorities` that the computer would trust */
export function testNetwork(change: Partial<NetworkOptions> = {}): OpenNetwork {
  return openNetwork({
    settings: settingsOver(),
    secrets: plainSecretBox,
    clock: systemClock,
    logger: silentLogger,
    systemProxy: () => Promise.resolve('DIRECT'),
    authorities: authoritiesOf([]),
    ...change,
  });
}

/** A computer whose store has these certificates (PEM) and no others. */
export function authoritiesOf(certificates: string[]) {
  const context = tls.createSecureContext({ ca: certificates });
  return { context: () => Promise.resolve(context) };
}
