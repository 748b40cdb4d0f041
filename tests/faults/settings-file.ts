import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { settingsOver, type SettingsStore } from '../../electron/main/settings/settings.ts';
import { freshData, readStoredData } from '../../electron/main/settings/stored-data.ts';

/** The settings in a file, replaced as a whole, as the app's own store does it; that one needs Electron. */
export function settingsIn(path: string): SettingsStore {
  const found = existsSync(path) ? readStoredData(JSON.parse(readFileSync(path, 'utf8'))) : null;
  return settingsOver(found?.data ?? freshData(), (data) => {
    writeFileSync(`${path}.new`, JSON.stringify(data));
    renameSync(`${path}.new`, path);
  });
}
