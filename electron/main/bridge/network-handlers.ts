import { MagpieError } from '#protocol/errors';
import type { OpenNetwork } from '../network/open-network.ts';
import type { Handlers } from './dispatch.ts';

type NetworkChannel = Extract<keyof Handlers, `network:${string}`>;

/** What the window asks of the way to the servers: proxies, and whom to believe. */
export function createNetworkHandlers(network: OpenNetwork): Pick<Handlers, NetworkChannel> {
  return {
    'network:settings': () => network.settings(),
    'network:set-proxy': ({ setting, login }) => network.setProxy(setting, login),
    'network:set-login': ({ proxy, login }) => network.setLogin(proxy, login),
    'network:try-proxy': ({ origin }) => network.tryProxy(origin),
    'network:trust'({ origin, fingerprint }) {
      if (!network.certificates.hasShown(origin, fingerprint))
        throw new MagpieError('not-allowed', 'not the certificate that was shown');
      return network.trust(origin, fingerprint);
    },
    'network:revoke': ({ origin }) => network.revoke(origin),
  };
}
