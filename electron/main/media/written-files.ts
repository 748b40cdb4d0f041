/** What lies readable on the disk already, so that asking for it twice does not write it twice. */
import { access } from 'node:fs/promises';
import type { MediaFile } from '#protocol/model/message';

/**
 * Which file it is. Ids of messages are numbers of rows: they begin anew in every account and come again when a message was
 * deleted, so an id alone may mean another file a moment later.
 */
export interface FileOfMessage<Owner extends object = object> {
  /** Of the files of one account. */
  owner: Owner;
  messageId: string;
  file: MediaFile;
}

export interface WrittenFiles {
  /** Null for what was never written. */
  pathOf(which: FileOfMessage): string | null;
  /** It lies nowhere any more: says where it lay. */
  forget(which: FileOfMessage): string | null;
  /** Where it lies; calls `write` when it lies nowhere any more. Whoever asks meanwhile gets the same answer. */
  ensure(which: FileOfMessage, write: () => Promise<string>): Promise<string>;
}

export function createWrittenFiles(): WrittenFiles {
  const accounts = new WeakMap<
    object,
    { paths: Map<string, string>; writing: Map<string, Promise<string>> }
  >();
  const of = ({ owner }: FileOfMessage) => {
    const known = accounts.get(owner) ?? { paths: new Map(), writing: new Map() };
    accounts.set(owner, known);
    return known;
  };
  const keyOf = ({ messageId, file }: FileOfMessage) => JSON.stringify([messageId, file.url]);

  return {
    pathOf: (which) => of(which).paths.get(keyOf(which)) ?? null,
    forget(which) {
      const { paths } = of(which);
      const path = paths.get(keyOf(which)) ?? null;
      paths.delete(keyOf(which));
      return path;
    },
    ensure(which, write) {
      const { paths, writing } = of(which);
      const key = keyOf(which);
      const running = writing.get(key);
      if (running !== undefined) return running;
      const find = async (): Promise<string> => {
        const known = paths.get(key);
        if (known !== undefined && (await isThere(known))) return known;
        const path = await write();
        paths.set(key, path);
        return path;
      };
      const started = find().finally(() => writing.delete(key));
      writing.set(key, started);
      return started;
    },
  };
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
