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
  add(facts: Omit<StoredSticker, 'id' | 'size'>, source: Readable): Promise<StoredSticker>;
  remove(id: string): Promise<void>;
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
  const list = async (): Promise<StoredSticker[]> => {
    await ready;
    return z
      .array(sticker)
      .catch([])
      .parse(await sealed.readObject(index));
  };

  return {
    list,
    get: async (id) => (await list()).find((one) => one.id === id) ?? null,
    add: (facts, source) =>
      inTurn(async () => {
        const present = await list();
        if (present.length >= STICKER_LIMIT.count)
          throw new MagpieError('invalid-input', 'too many stickers', { field: 'count' });
        const id = uuid();
        const picture = await allOf(source);
        const size = await sealed.write(pathOf(id), Readable.from([withoutMetadata(picture) ?? picture]));
        const added = { ...facts, id, size };
        await sealed.writeObject(index, [added, ...present]);
        return added;
      }),
    remove: (id) =>
      inTurn(async () => {
        await sealed.writeObject(
          index,
          (await list()).filter((one) => one.id !== id),
        );
        await rm(pathOf(id), { force: true });
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
