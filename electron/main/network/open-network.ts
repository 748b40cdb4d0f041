/** The way out of this app, put together: certificates, proxies, one dialer, and what the settings screen asks of them. */
import type { LookupFunction } from 'node:net';
import type { NetworkSettings, ProxySetting, ProxyTrial } from '#protocol/model/network';
import type { SecretBox } from '../session/secrets.ts';
import type { SettingsStore } from '../settings/settings.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import { createAuthorities, type Authorities } from './authorities.ts';
import { createCertificates, vouchedFor, type Certificates } from './certificates.ts';
import { createDialer, type Dialer } from './dialer.ts';
import { createNetwork, type Network } from './network.ts';
import { problemIn } from './problems.ts';
import { isPublicAddress } from './public-addresses.ts';
import { createProxies, proxyName, type Login, type Proxies } from './proxies.ts';

export interface NetworkOptions {
  settings: Pick<SettingsStore, 'read' | 'update'>;
  secrets: SecretBox;
  clock: Pick<Clock, 'now' | 'uptime'>;
  logger: Logger;
  /** See {@link createProxies}. */
  systemProxy(url: string): Promise<string>;
  /** No line is opened before: at a start, what is stored is drawn first. At once without it. */
  opening?: Promise<void>;
  /** The person set something: what runs has to begin anew. */
  onChanged?(settings: NetworkSettings): void;
  /** For tests. */
  authorities?: Authorities;
  lookup?: LookupFunction;
  /** For tests, whose pages are on this computer. */
  isPublic?(address: string): boolean;
}

export interface OpenNetwork extends Network {
  readonly dialer: Dialer;
  readonly proxies: Proxies;
  readonly certificates: Certificates;
  /**
   * For pages that anybody may name: the same ways out, but to the public network alone, and to those alone for whom an
   * authority vouches. What is asked there leaves nothing in the settings.
   */
  readonly outside: Network;
  settings(): NetworkSettings;
  /** Without a login the known one of that proxy stays. */
  setProxy(setting: ProxySetting, login?: Login | null): NetworkSettings;
  setLogin(proxy: string, login: Login | null): NetworkSettings;
  /** Opens a line to a server as everything else would, and closes it. */
  tryProxy(origin: string): Promise<ProxyTrial>;
  trust(origin: string, fingerprint: string): NetworkSettings;
  revoke(origin: string): NetworkSettings;
}

export function openNetwork(options: NetworkOptions): OpenNetwork {
  const { settings, clock } = options;
  const onChanged = () => {
    network.renew();
    outside.renew();
    options.onChanged?.(current());
  };
  const authorities = options.authorities ?? createAuthorities(options.logger);
  const certificates = createCertificates({ settings, now: () => clock.now(), onChanged });
  const proxies = createProxies({ ...options, onChanged });
  const direct = createDialer({
    ...{ authorities, certificates, proxies },
    ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
  });
  const dialer: Dialer = {
    async dial(origin, watch) {
      await options.opening;
      return direct.dial(origin, watch);
    },
  };
  const network = createNetwork(dialer);
  const outside = createNetwork(
    createDialer({
      ...{ authorities, proxies, certificates: { judge: vouchedFor } },
      admits: options.isPublic ?? isPublicAddress,
      ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
    }),
  );
  const current = (): NetworkSettings => ({
    proxy: proxies.setting(),
    logins: proxies.logins(),
    trusted: certificates.list(),
  });

  return {
    ...network,
    ...{ dialer, proxies, certificates, outside },
    async fetch(url, init) {
      // Even the loading of what it needs takes longer than a frame.
      await options.opening;
      return network.fetch(url, init);
    },
    settings: current,
    setProxy(setting, login) {
      proxies.set(setting, login);
      return current();
    },
    setLogin(proxy, login) {
      proxies.setLogin(proxy, login);
      return current();
    },
    async tryProxy(origin) {
      const begun = clock.uptime();
      let via: string | null = null;
      try {
        const socket = await dialer.dial(origin, {
          through: (way) => (via = way.kind === 'direct' ? null : proxyName(way)),
        });
        socket.destroy();
        return { outcome: 'reached', via, milliseconds: Math.round(clock.uptime() - begun) };
      } catch (thrown) {
        return { outcome: 'failed', problem: problemIn(thrown) };
      }
    },
    trust(origin, fingerprint) {
      certificates.trust(origin, fingerprint);
      return current();
    },
    revoke(origin) {
      certificates.revoke(origin);
      return current();
    },
  };
}
