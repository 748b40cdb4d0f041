/** Stickers that a person made or kept; sealed like everything of the account. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { v4 as uuid } from 'uuid';
import { z } from 'zod';
import { MagpieError } from '#protocol/errors';
import type { ByteRange } from '#protocol/wire/byte-range';
import { withoutMetadata } from './picture-metadata.ts';
import type { SealedFiles } from './sealed-files.ts';

/** Bytes of one, and how many there may be. */
export const STICKER_LIMIT = { bytes: 2 * 1024 * 1024, count: 200 } as const;

const sticker = z.object({
  id: z.uuid(),
  name: z.string(),
  mime: z.string(),
  /** Bytes. */
  size: z.number(),
  /** Pixels. */
  width: z.number(),
  height: z.number(),
  /** Until the next start it can be put back. */
  removed: z.literal(true).optional(),
});
export type StoredSticker = z.infer<typeof sticker>;

export interface Stickers {
  /** Newest first. */
  list(): Promise<StoredSticker[]>;
  get(id: string): Promise<StoredSticker | null>;
  /**
   * Stickers go to everybody they are sent to: nothing is kept but their look.
   * @throws {MagpieError} `invalid-input` (field `size` or `count`)
   */
  add(facts: Omit<StoredSticker, 'id' | 'size' | 'removed'>, source: Readable): Promise<StoredSticker>;
  /** Takes it out of the list; its picture stays until `tidy`. */
  remove(id: string): Promise<void>;
  /**
   * Puts back what was removed, where it was.
   * @throws {MagpieError} `not-found`, or `invalid-input` (field `count`)
   */
  restore(id: string): Promise<void>;
  /** What was removed goes for good. */
  tidy(): Promise<void>;
  read(id: string, range?: ByteRange): Readable;
}

export function createStickers(folder: string, sealed: SealedFiles): Stickers {
  const ready = mkdir(folder, { recursive: true, mode: 0o700 });
  const index = join(folder, 'index');
  const pathOf = (id: string) => join(folder, sealed.nameOf(id));
  /** Two changes at once would lose one of them. */
  let turn: Promise<unknown> = ready;
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const next = turn.then(work, work);
    turn = next;
    return next;
  };
  const all = async (): Promise<StoredSticker[]> => {
    await ready;
    return z
      .array(sticker)
      .catch([])
      .parse(await sealed.readObject(index));
  };
  const list = async () => (await all()).filter(({ removed }) => removed !== true);
  const refuseOneMore = async () => {
    if ((await list()).length >= STICKER_LIMIT.count)
      throw new MagpieError('invalid-input', 'too many stickers', { field: 'count' });
  };

  return {
    list,
    get: async (id) => (await list()).find((one) => one.id === id) ?? null,
    add: (facts, source) =>
      inTurn(async () => {
        await refuseOneMore();
        const id = uuid();
        const picture = await allOf(source);
        const size = await sealed.write(pathOf(id), Readable.from([withoutMetadata(picture) ?? picture]));
        const added = { ...facts, id, size };
        await sealed.writeObject(index, [added, ...(await all())]);
        return added;
      }),
    remove: (id) =>
      inTurn(async () => {
        const mark = (one: StoredSticker) => (one.id === id ? { ...one, removed: true as const } : one);
        await sealed.writeObject(index, (await all()).map(mark));
      }),
    restore: (id) =>
      inTurn(async () => {
        const known = await all();
        const back = known.find((one) => one.id === id);
        if (back === undefined) throw new MagpieError('not-found', 'no such sticker');
        if (back.removed !== true) return;
        await refuseOneMore();
        const { removed: _removed, ...kept } = back;
        await sealed.writeObject(
          index,
          known.map((one) => (one.id === id ? kept : one)),
        );
      }),
    tidy: () =>
      inTurn(async () => {
        const known = await all();
        const gone = known.filter(({ removed }) => removed === true);
        if (gone.length === 0) return;
        // The pictures first: a name without one is found here again, a picture without a name by nobody.
        for (const { id } of gone) await rm(pathOf(id), { force: true });
        await sealed.writeObject(
          index,
          known.filter((one) => !gone.includes(one)),
        );
      }),
    read: (id, range) => sealed.read(pathOf(id), range),
  };
}

async function allOf(source: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of source as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > STICKER_LIMIT.bytes) throw new MagpieError('invalid-input', 'too large', { field: 'size' });
    parts.push(part);
  }
  return Buffer.concat(parts);
}
