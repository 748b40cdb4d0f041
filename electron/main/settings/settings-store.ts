import { copyFileSync, existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import Store from 'electron-store';
import { settingsOver, type SettingsStore } from './settings.ts';
import { freshData, readStoredData, type ReadData, type StoredData } from './stored-data.ts';

export interface SettingsStoreOptions {
  /** Something in the file could not be understood; the file as it was is kept beside it. */
  onDamaged(setAside: string): void;
  /** The disk is full or read-only. */
  onSaveFailed(thrown: unknown): void;
}

/** Opens `<folder>/settings.json`. Whatever is wrong with the file or the disk, there are settings to work with. */
export function openSettingsStore(folder: string, options: SettingsStoreOptions): SettingsStore {
  const path = join(folder, 'settings.json');
  const found = load(path);
  if (existsSync(path) && (found === null || found.incomplete)) {
    const setAside = `${path}.damaged-${new Date().toISOString().replace(/[:.]/gu, '-')}`;
    try {
      if (found === null) renameSync(path, setAside);
      else copyFileSync(path, setAside);
    } catch {
      // A disk that cannot be written is told of below.
    }
    options.onDamaged(setAside);
  }
  // Made late and in vain again, because its constructor writes too.
  let store: Store<StoredData> | null = null;
  const settings = settingsOver(
    found?.data ?? freshData(),
    (next) => {
      // Where the system keeps no secrets they are in this file: nobody but its owner may read it.
      store ??= new Store({
        cwd: folder,
        name: 'settings',
        clearInvalidConfig: false,
        configFileMode: 0o600,
      });
      store.store = next;
    },
    (thrown) => options.onSaveFailed(thrown),
  );
  settings.update(() => ({}));
  return settings;
}

function load(path: string): ReadData | null {
  try {
    return readStoredData(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}
