/** What a person's process has promised, on the disk, so that it outlives the process. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/**
 * `tried`: about to be handed over; `accepted`: the call resolved; `shown`: the window was told that it is sent;
 * `recalling`: about to be taken back, so its words may be gone; `refused`: the server would not have it then.
 */
export type Entry = 'tried' | 'accepted' | 'shown' | 'recalling' | 'refused';

export interface Journal {
  tried: string[];
  accepted: string[];
  shown: Set<string>;
  recalling: Set<string>;
  refused: Set<string>;
}

/** One write per line: a killed process leaves whole lines. */
export const note = (file: string, entry: Entry, text: string) => appendFileSync(file, `${entry} ${text}\n`);

export function readJournal(file: string): Journal {
  const journal: Journal = {
    tried: [],
    accepted: [],
    shown: new Set(),
    recalling: new Set(),
    refused: new Set(),
  };
  for (const line of existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []) {
    const [entry, text] = line.split(' ');
    if (text === undefined) continue;
    if (entry === 'shown' || entry === 'recalling' || entry === 'refused') journal[entry].add(text);
    if (entry === 'tried' || entry === 'accepted') journal[entry].push(text);
  }
  return journal;
}

/** The texts say who wrote them to whom, and as which one. */
export const numbered = (from: string, to: string, number: number) => `${from}>${to}#${number}`;
export const writerOf = (text: string) => text.split('>')[0] ?? '';
export const numberOf = (text: string) => Number(text.split('#')[1]);
