/** What of a conversation's files waits to be sent: it comes back when the app is unlocked, started again, or was killed. */
import { z } from 'zod';
import { createLane } from '../messaging/lane.ts';
import type { SealedFiles } from './sealed-files.ts';

export type KeptFiles<Item extends { file: string }> = ReturnType<typeof createKeptFiles<Item>>;

/**
 * @param path of the one file that holds them for an account
 * @param schema of one; `file` is the id under which it is staged
 */
export function createKeptFiles<Item extends { file: string }>(
  path: string,
  sealed: SealedFiles,
  schema: z.ZodType<Item>,
) {
  const stored = z.record(z.string(), z.array(schema));
  let known: Promise<Map<string, Item[]>> | null = null;
  const lane = createLane();
  /** Ids never come again; a window that has not heard of it yet may still say that they wait. */
  const forgotten = new Set<string>();
  const stillWaiting = (items: readonly Item[]) => items.filter(({ file }) => !forgotten.has(file));

  const read = () =>
    (known ??= sealed.readObject(path).then((value) => {
      const parsed = stored.safeParse(value);
      return new Map(parsed.success ? Object.entries(parsed.data) : []);
    }));
  const write = async (all: ReadonlyMap<string, Item[]>) => sealed.writeObject(path, Object.fromEntries(all));
  const keepOnly = (isWanted: (file: string) => boolean) =>
    lane.run(async () => {
      const all = await read();
      let changed = false;
      for (const [conversation, items] of all) {
        const left = items.filter(({ file }) => isWanted(file));
        if (left.length === items.length) continue;
        changed = true;
        if (left.length === 0) all.delete(conversation);
        else all.set(conversation, left);
      }
      if (changed) await write(all);
    });

  return {
    /** From now on these, in this order, wait in the conversation. */
    save: (conversation: string, items: readonly Item[]): Promise<void> =>
      lane.run(async () => {
        const all = await read();
        const waiting = stillWaiting(items);
        if (waiting.length === 0 && !all.has(conversation)) return;
        if (waiting.length === 0) all.delete(conversation);
        else all.set(conversation, waiting);
        await write(all);
      }),
    /** Behind what waits there. */
    add: (conversation: string, items: readonly Item[]): Promise<void> =>
      lane.run(async () => {
        if (items.length === 0) return;
        const all = await read();
        all.set(conversation, [...(all.get(conversation) ?? []), ...stillWaiting(items)]);
        await write(all);
      }),
    list: (): Promise<ReadonlyMap<string, readonly Item[]>> => lane.run(read),
    /** They are part of a message now, or nobody wants them any more. */
    forget(files: readonly string[]): Promise<void> {
      for (const file of files) forgotten.add(file);
      return keepOnly((file) => !files.includes(file));
    },
    /** Files without which nothing can be sent. @param has says whether one is still kept */
    drop: (has: (file: string) => boolean): Promise<void> => keepOnly(has),
  };
}
