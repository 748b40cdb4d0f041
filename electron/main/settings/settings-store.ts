import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import Store from 'electron-store';
import { freshData, readStoredData, type StoredData } from './stored-data.ts';

/** The small things that outlive a run. Reading is free; every change rewrites one small file. */
export interface SettingsStore {
  read(): StoredData;
  update(change: (data: StoredData) => Partial<StoredData>): StoredData;
}

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
  return memorySettings(data, (next) => {
    store.store = next;
  });
}

/** The same without a file, for tests. */
export function memorySettings(
  initial: StoredData = freshData(),
  save: (data: StoredData) => void = () => undefined,
): SettingsStore {
  let data = initial;
  return {
    read: () => data,
    update(change) {
      data = { ...data, ...change(data) };
      save(data);
      return data;
    },
  };
}

function load(path: string): StoredData | null {
  try {
    return readStoredData(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}
