import { MagpieError } from '#protocol/errors';
import { freshData, type StoredData } from './stored-data.ts';

/** The small things that outlive a run. Reading is free; every change rewrites one small file. */
export interface SettingsStore {
  read(): StoredData;
  /** Never fails: a change that cannot be written lasts as long as the process, and is written with the next one. */
  update(change: (data: StoredData) => Partial<StoredData>): StoredData;
  /** For what must not be lost, such as the key of a history: throws when the last change is not on the disk. */
  ensureSaved(): void;
}

/** Settings in memory that hand every change to `save`; without one they last as long as the process (tests). */
export function settingsOver(
  initial: StoredData = freshData(),
  save: (data: StoredData) => void = () => undefined,
  onSaveFailed: (thrown: unknown) => void = () => undefined,
): SettingsStore {
  let data = initial;
  let failure: unknown = null;
  const write = () => {
    try {
      save(data);
      failure = null;
    } catch (thrown) {
      // Once per streak: a full disk would say it with every move of the window.
      if (failure === null) onSaveFailed(thrown);
      failure = thrown;
    }
  };
  return {
    read: () => data,
    update(change) {
      data = { ...data, ...change(data) };
      write();
      return data;
    },
    ensureSaved() {
      if (failure !== null) write();
      if (failure !== null) throw toStorageError(failure);
    },
  };
}

function toStorageError(thrown: unknown): MagpieError {
  const isFull = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC';
  return isFull
    ? new MagpieError('disk-full', 'no space for the settings', undefined, { cause: thrown })
    : new MagpieError('history-unavailable', 'the settings cannot be written', undefined, { cause: thrown });
}
