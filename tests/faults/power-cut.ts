/** What a power cut leaves of a database whose process was killed at that moment. */
import { closeSync, existsSync, openSync, readSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { readMark } from './durable-mark.ts';
import type { Chance } from './random.ts';
import { belongsTo, FRAME_HEADER, generationOf, LOG_HEADER } from './write-ahead-log.ts';

/** Blocks that the disk had given to the file and that were never written. */
const RUBBISH = 9_000;

/**
 * The log ends anywhere behind what had surely reached the disk, perhaps in rubbish; the index that lived in memory is
 * gone.
 *
 * @returns how many bytes of transactions were lost that way
 */
export function cutPower(database: string, chance: Chance): number {
  const log = `${database}-wal`;
  rmSync(`${database}-shm`, { force: true });
  if (!existsSync(log)) return 0;
  const { durable, written } = ends(database, log);
  const end = chance.between(durable, written);
  truncateSync(log, end);
  if (chance.hits(0.5)) writeFileSync(log, Buffer.alloc(chance.between(1, RUBBISH), 0x5a), { flag: 'a' });
  return written - end;
}

/** Up to which byte the log is surely on the disk, and up to which it was written at all. */
function ends(database: string, log: string): { durable: number; written: number } {
  const file = openSync(log, 'r');
  try {
    const header = Buffer.alloc(LOG_HEADER);
    if (readSync(file, header, 0, LOG_HEADER, 0) < LOG_HEADER) return { durable: 0, written: 0 };
    const generation = generationOf(header);
    const mark = readMark(database);
    const durable = mark.salts === generation.salts ? mark.end : LOG_HEADER;
    const frame = Buffer.alloc(FRAME_HEADER);
    let written = durable;
    while (readSync(file, frame, 0, FRAME_HEADER, written) === FRAME_HEADER && belongsTo(frame, generation))
      written += generation.frame;
    return { durable, written };
  } finally {
    closeSync(file);
  }
}
