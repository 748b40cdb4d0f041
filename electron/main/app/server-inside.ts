import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Bridge } from '../bridge/bridge.ts';
import { createDiscovery } from '../discovery/discovery.ts';
import { createEmbeddedServer } from '../embedded-server/embedded-server.ts';
import { createOffice } from '../embedded-server/office.ts';
import { ownAddresses } from '../embedded-server/own-addresses.ts';
import type { SettingsStore } from '../settings/settings.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';

export interface ServerInsideOptions {
  settings: SettingsStore;
  clock: Clock;
  logger: Logger;
  userData: string;
  /** Folder of the built main process. */
  outFolder: string;
  guestSalt: string;
  emit: Bridge['emit'];
  /** It listens, at the start or again. */
  onRunning(origin: string): void;
  /** It ended by itself and was started anew. */
  onRestarted(): void;
}

/** The server inside the app, what it does for others, and those that announce themselves beside it. */
export function createServerInside({ settings, clock, logger, emit, ...options }: ServerInsideOptions) {
  const embedded = createEmbeddedServer({
    serverFile: join(options.outFolder, 'server.js'),
    userData: options.userData,
    clock,
    logger,
    guestSalt: options.guestSalt,
    port: {
      read: () => settings.read().embeddedPort,
      save: (port) => void settings.update(() => ({ embeddedPort: port })),
    },
    onState(state) {
      emit('server:changed', state);
      if (state.state === 'running') {
        options.onRunning(state.origin);
        void office.serverRuns();
      } else office.serverEnded();
    },
    onRestarted: options.onRestarted,
    onBackupChanged: () => office.backupChanged(),
  });
  const mdns = networkChoice(process.env['MAGPIE_MDNS']);
  const officeHost = process.env['MAGPIE_OFFICE_HOST'] ?? null;
  const office = createOffice({
    server: embedded,
    settings,
    logger,
    computerName: hostname,
    addresses: () => (officeHost === null ? ownAddresses() : [officeHost]),
    host: officeHost,
    mdns,
    onChanged: (state) => emit('office:changed', state),
  });
  const discovery = createDiscovery({
    interfaces: mdns,
    clock,
    logger,
    onChanged: (servers) => emit('discovery:changed', servers),
  });
  return { embedded, office, discovery };
}

/**
 * Where servers are announced and looked for: unset on every interface that leads out of the computer, `off` nowhere, else
 * on those with the addresses that are named, with commas between them.
 */
function networkChoice(text: string | undefined): 'off' | string[] | null {
  if (text === undefined || text === '') return null;
  return text === 'off' ? 'off' : text.split(',').map((address) => address.trim());
}
