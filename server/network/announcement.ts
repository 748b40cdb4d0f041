/** Tells the local network by mDNS (DNS-SD) where the server is; see "Finding a server" in docs/protocol.md. */
import { networkInterfaces } from 'node:os';
import { Bonjour } from 'bonjour-service';
import type { Logger } from '../domain/context.ts';
import { DISCOVERY_TYPE, announcementText } from '#protocol/discovery';

export interface AnnouncementOrder {
  name: string;
  port: number;
  /** `AB:CD:…` */
  fingerprint: string;
  /** IPv4 addresses of the interfaces; null for all that lead out of the machine, also those that come later. */
  interfaces: readonly string[] | null;
}

export interface Announcement {
  /** Says goodbye, so that nobody goes on seeing it. */
  end(): Promise<void>;
}

/** A cable is plugged in, a wireless network changes: looked at this often, milliseconds. */
const LOOK_EVERY = 10_000;
/** A goodbye that cannot be sent must not hold up the switch. */
const GOODBYE_PATIENCE = 1_000;

export async function announce(order: AnnouncementOrder, log: Logger): Promise<Announcement> {
  // The same name on several interfaces is one service; the fingerprint makes it unique on the network.
  const short = order.fingerprint.replaceAll(':', '').slice(0, 16).toLowerCase();
  const running = new Map<string, Bonjour>();

  const start = (address: string): void => {
    const settings = { interface: address, bind: '0.0.0.0' } as unknown as ConstructorParameters<
      typeof Bonjour
    >[0];
    const bonjour = new Bonjour(settings, (error: Error) =>
      log.warn({ reason: error.message, address }, 'the announcement has trouble'),
    );
    running.set(address, bonjour);
    bonjour.publish({
      name: `magpie-${short}`,
      host: `magpie-${short}.local`,
      type: DISCOVERY_TYPE,
      port: order.port,
      probe: false,
      txt: announcementText(order),
    });
  };
  const look = (): void => {
    const wanted = new Set(order.interfaces ?? outwardAddresses());
    for (const [address, bonjour] of running) {
      if (wanted.has(address)) continue;
      running.delete(address);
      bonjour.destroy();
    }
    for (const address of wanted) if (!running.has(address)) start(address);
  };

  look();
  const looking = setInterval(look, LOOK_EVERY);
  looking.unref();
  return {
    async end() {
      clearInterval(looking);
      await Promise.all([...running.values()].map(farewell));
      running.clear();
    },
  };
}

async function farewell(bonjour: Bonjour): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, GOODBYE_PATIENCE)));
  const said = new Promise<void>((resolve) => bonjour.unpublishAll(() => resolve()));
  await Promise.race([said, patience]);
  clearTimeout(timer);
  bonjour.destroy();
}

/** IPv4 addresses of this machine that others can reach. */
export function outwardAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}
