import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import Store from 'electron-store';
import { settingsOver, type SettingsStore } from './settings.ts';
import { freshData, readStoredData, type StoredData } from './stored-data.ts';

/** Opens `<folder>/settings.json`; a file that cannot be understood is renamed and a new one begun. */
export function openSettingsStore(folder: string, onDamaged: (setAside: string) => void): SettingsStore {
  const path = join(folder, 'settings.json');
  let data = load(path);
  if (data === null) {
    if (existsSync(path)) {
      const setAside = `${path}.damaged-${new Date().toISOString().replace(/[:.]/gu, '-')}`;
      renameSync(path, setAside);
      onDamaged(setAside);
    }
    data = freshData();
  }
  const store = new Store<StoredData>({ cwd: folder, name: 'settings', clearInvalidConfig: false });
  store.store = data;
  return settingsOver(data, (next) => {
    store.store = next;
  });
}

function load(path: string): StoredData | null {
  try {
    return readStoredData(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}
