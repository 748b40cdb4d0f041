import { freshData, type StoredData } from './stored-data.ts';

/** The small things that outlive a run. Reading is free; every change rewrites one small file. */
export interface SettingsStore {
  read(): StoredData;
  update(change: (data: StoredData) => Partial<StoredData>): StoredData;
}

/** Settings in memory that hand every change to `save`; without one they last as long as the process (tests). */
export function settingsOver(
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
