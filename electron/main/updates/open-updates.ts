import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { app } from 'electron';
import type { UpdateState } from '#protocol/model/update';
import { probeUpdates } from '../dialects/egg-im/probe.ts';
import type { Network } from '../network/network.ts';
import type { SettingsStore } from '../settings/settings.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import { abilityOf } from './ability.ts';
import { releaseOrigin } from './signature.ts';
import type { Trial } from './trial.ts';
import { createUpdates, type Updates } from './updates.ts';
import type { Updater } from './updater.ts';

export interface OpenUpdatesOptions {
  settings: SettingsStore;
  clock: Clock;
  network: Pick<Network, 'agents'>;
  logger: Logger;
  trial: Trial;
  /** See `UpdatesOptions`. */
  server(): string | null;
  unsent(): Promise<number>;
  onState(state: UpdateState): void;
  /** The app is about to end for an installation: closing its window must not keep it. */
  onEnding(isEnding: boolean): void;
}

/** Updates of this installation, with what the running app knows of itself. */
export function openUpdates(options: OpenUpdatesOptions): Updates {
  const { settings, clock, logger } = options;
  const userData = app.getPath('userData');
  const origin = releaseOrigin(app.getAppPath());
  let updater: Promise<Updater> | null = null;
  const open = async (): Promise<Updater> => {
    const { openElectronUpdater } = await import('./electron-updater.ts');
    const folder = join(userData, 'updates');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const configFile = join(folder, 'library.yml');
    // The folder of downloads below the user's cache.
    writeFileSync(configFile, 'updaterCacheDirName: magpie-updater\n');
    return openElectronUpdater({
      key: origin.key,
      userData,
      configFile,
      logger,
      network: options.network,
      onEnding: options.onEnding,
      onInstallFailed: (thrown) => updates.installFailed(thrown),
    });
  };
  const updates = createUpdates({
    ability: abilityOf({
      platform: process.platform,
      isPackaged: app.isPackaged,
      program: process.execPath,
      resources: process.resourcesPath,
      appImage: process.env['APPIMAGE'],
    }),
    takenBack: options.trial.takenBack,
    clock,
    logger,
    settings: () => settings.read().settings,
    server: options.server,
    offers: (server) => probeUpdates(options.network, server),
    packagedFeed: origin.feed,
    updater: () => (updater ??= open()),
    unsent: options.unsent,
    onState: options.onState,
  });
  return updates;
}
