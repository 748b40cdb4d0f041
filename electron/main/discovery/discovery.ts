/** Looks for servers that announced themselves on the network; only while somebody looks at the list. */
import { networkInterfaces } from 'node:os';
import { isIPv6 } from 'node:net';
import type { Bonjour, Browser, Service } from 'bonjour-service';
import { DISCOVERY_TYPE, readAnnouncement } from '#protocol/discovery';
import type { FoundServer } from '#protocol/model/office';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';

/** More than any office has; who floods the network floods nothing here. */
const MOST = 50;
/** Whoever vanished without a word is asked for again this often, milliseconds. */
const ASK_EVERY = 5_000;
/** Unheard of for so long, it is gone. */
const FORGET_AFTER = 20_000;

export interface DiscoveryOptions {
  /** `off`, or addresses of the interfaces to look on; null for all that lead out of the computer. */
  interfaces: 'off' | string[] | null;
  clock: Clock;
  logger: Logger;
  onChanged(servers: FoundServer[]): void;
}

export interface Discovery {
  readonly servers: FoundServer[];
  start(): void;
  stop(): void;
}

export function createDiscovery({ interfaces, clock, logger, onChanged }: DiscoveryOptions): Discovery {
  const log = logger.module('discovery');
  /** By the address of their interface. */
  const lookers = new Map<string, { ask(): void; end(): void }>();
  let cancelRound: (() => void) | null = null;
  let isLooking = false;
  let starts = 0;
  const heard = new Map<string, { server: FoundServer; at: number }>();

  const list = (): FoundServer[] => [...heard.values()].map(({ server }) => server);
  const hear = (service: Service) => {
    const server = serverOf(service);
    if (server === null || (!heard.has(server.fingerprint) && heard.size >= MOST)) return;
    const before = heard.get(server.fingerprint)?.server;
    heard.set(server.fingerprint, { server, at: clock.uptime() });
    if (before?.origin !== server.origin || before.name !== server.name) onChanged(list());
  };
  const unhear = (service: Service) => {
    const gone = readAnnouncement(service.txt);
    if (gone !== null && heard.delete(gone.fingerprint)) onChanged(list());
  };
  const forgetSilent = () => {
    const before = heard.size;
    for (const [key, { at }] of heard) if (clock.uptime() - at > FORGET_AFTER) heard.delete(key);
    if (heard.size !== before) onChanged(list());
  };

  const look = (Library: typeof Bonjour, address: string) => {
    const settings = { interface: address, bind: '0.0.0.0' } as unknown as ConstructorParameters<
      typeof Bonjour
    >[0];
    const bonjour = new Library(settings, (thrown: unknown) =>
      log.warn('trouble', { thrown: String(thrown) }),
    );
    let browser: Browser | null = null;
    let former: Browser | null = null;
    const ask = () => {
      // A browser tells of each server once: a new one hears of all that are still there. The one before stays a round
      // longer, because a goodbye is heard only by a browser that knew the server.
      former?.stop();
      former = browser;
      browser = bonjour.find({ type: DISCOVERY_TYPE }, hear);
      browser.on('down', unhear);
    };
    lookers.set(address, { ask, end: () => bonjour.destroy() });
  };
  /** Networks come and go while somebody looks at the list. */
  const followInterfaces = (Library: typeof Bonjour) => {
    const wanted = new Set(interfaces === null ? outwardAddresses() : interfaces);
    for (const [address, { end }] of lookers)
      if (!wanted.has(address)) {
        end();
        lookers.delete(address);
      }
    for (const address of wanted) if (!lookers.has(address)) look(Library, address);
  };
  const round = (Library: typeof Bonjour) => {
    forgetSilent();
    followInterfaces(Library);
    for (const { ask } of lookers.values()) ask();
    cancelRound = clock.after(ASK_EVERY, () => round(Library));
  };

  return {
    get servers() {
      return list();
    },
    start() {
      if (isLooking || interfaces === 'off') return;
      isLooking = true;
      const mine = ++starts;
      // Loaded by those only who look: most starts of the app show no welcome screen.
      import('bonjour-service').then(
        ({ Bonjour: Library }) => {
          if (mine !== starts || !isLooking) return;
          round(Library);
          log.info('looking', { interfaces: lookers.size });
        },
        (thrown: unknown) => log.error('cannot-look', thrown),
      );
    },
    stop() {
      isLooking = false;
      cancelRound?.();
      cancelRound = null;
      for (const { end } of lookers.values()) end();
      lookers.clear();
      heard.clear();
    },
  };
}

/** By the address that its answer came from: of all that it may have, this one is sure to lead back. */
function serverOf(service: Service): FoundServer | null {
  const said = readAnnouncement(service.txt);
  const address = service.referer?.address;
  if (said === null || address === undefined) return null;
  const host = isIPv6(address) ? `[${address}]` : address;
  return { ...said, origin: `https://${host}:${service.port}` };
}

function outwardAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}
