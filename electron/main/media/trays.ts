/** What people chose to send and have not sent: it comes back when the app is unlocked, started again, or was killed. */
import { z } from 'zod';
import type { TrayItem } from '#protocol/ipc';
import { createLane } from '../messaging/lane.ts';
import type { SealedFiles } from './sealed-files.ts';

const stored = z.record(
  z.string(),
  z.array(z.object({ file: z.string(), asFile: z.boolean(), original: z.boolean() })),
);

export type Trays = ReturnType<typeof createTrays>;

/** @param path of the one file that holds the trays of an account */
export function createTrays(path: string, sealed: SealedFiles) {
  let known: Promise<Map<string, TrayItem[]>> | null = null;
  const lane = createLane();

  const read = () =>
    (known ??= sealed.readObject(path).then((value) => {
      const parsed = stored.safeParse(value);
      return new Map(parsed.success ? Object.entries(parsed.data) : []);
    }));
  const write = async (trays: ReadonlyMap<string, TrayItem[]>) =>
    sealed.writeObject(path, Object.fromEntries(trays));
  const keepOnly = (isWanted: (file: string) => boolean) =>
    lane.run(async () => {
      const trays = await read();
      let changed = false;
      for (const [conversation, items] of trays) {
        const left = items.filter(({ file }) => isWanted(file));
        if (left.length === items.length) continue;
        changed = true;
        if (left.length === 0) trays.delete(conversation);
        else trays.set(conversation, left);
      }
      if (changed) await write(trays);
    });

  return {
    /** From now on these, in this order, are in the tray of the conversation. */
    save: (conversation: string, items: readonly TrayItem[]): Promise<void> =>
      lane.run(async () => {
        const trays = await read();
        if (items.length === 0 && !trays.has(conversation)) return;
        if (items.length === 0) trays.delete(conversation);
        else trays.set(conversation, [...items]);
        await write(trays);
      }),
    /** Behind what lies there. */
    add: (conversation: string, items: readonly TrayItem[]): Promise<void> =>
      lane.run(async () => {
        if (items.length === 0) return;
        const trays = await read();
        trays.set(conversation, [...(trays.get(conversation) ?? []), ...items]);
        await write(trays);
      }),
    list: (): Promise<ReadonlyMap<string, readonly TrayItem[]>> => lane.run(read),
    /** They are part of a message now, or nobody wants them any more. */
    forget: (files: readonly string[]): Promise<void> => keepOnly((file) => !files.includes(file)),
    /** Files without which nothing can be sent. @param has says whether one is still kept */
    drop: (has: (file: string) => boolean): Promise<void> => keepOnly(has),
  };
}
