/**
 * Dictionaries for spell checking: fetched from the person's own server by the app's one way out, with its proxies and the
 * certificates that they trust, into the folder where Chromium looks before it would fetch one itself.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { dictionaryFiles, languageOf, languagesOf } from '#protocol/wire/dictionaries';
import type { Network } from '../network/network.ts';

/** For the list, milliseconds. */
const PATIENCE = 10_000;
/** For a file, on a slow line. */
const FILE_PATIENCE = 5 * 60_000;
/** The largest ones that exist have less than 8 MiB. */
const MOST_BYTES = 32 * 1024 * 1024;
/** How every file of this kind begins. */
const MARK = Buffer.from('BDic');

/** `missing`: the server answers and has none that could be used. */
export type Brought = 'here' | 'missing' | 'unreachable';

export interface Dictionaries {
  /** Languages that can be checked without asking anybody. */
  here(): Promise<string[]>;
  /** Languages of a server; none of one that does not answer, or does not know the question. */
  offered(origin: string): Promise<string[]>;
  /** Fetches every file of a language that the server has and this computer has not. */
  bring(origin: string, language: string): Promise<Brought>;
}

export function createDictionaries(folder: string, network: Pick<Network, 'fetch'>): Dictionaries {
  const running = new Map<string, Promise<boolean>>();
  const filesHere = async () => dictionaryFiles({ files: await readdir(folder).catch(() => []) });

  /** Null: nobody answered. */
  const filesOf = async (origin: string): Promise<string[] | null> => {
    try {
      const answer = await network.fetch(`${origin}/dictionaries/`, {
        redirect: 'error',
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (!answer.ok) {
        await answer.body?.cancel();
        return answer.status >= 500 ? null : [];
      }
      return dictionaryFiles(await answer.json().catch(() => null));
    } catch {
      return null;
    }
  };

  /** False: what the server has there is no dictionary. Throws when nobody answers. */
  const load = async (origin: string, file: string): Promise<boolean> => {
    const answer = await network.fetch(`${origin}/dictionaries/${file}`, {
      redirect: 'error',
      signal: AbortSignal.timeout(FILE_PATIENCE),
    });
    if (!answer.ok || answer.body === null) {
      await answer.body?.cancel();
      return false;
    }
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const incomplete = join(folder, `${file}.part`);
    try {
      await pipeline(
        answer.body as AsyncIterable<Uint8Array>,
        checked,
        createWriteStream(incomplete, { mode: 0o600, flush: true }),
      );
      // Chromium sees all of it or nothing.
      await rename(incomplete, join(folder, file));
      return true;
    } catch (thrown) {
      await rm(incomplete, { force: true });
      if (thrown instanceof NoDictionary) return false;
      throw thrown;
    }
  };
  const loadOnce = (origin: string, file: string): Promise<boolean> => {
    const loading = running.get(file) ?? load(origin, file).finally(() => running.delete(file));
    running.set(file, loading);
    return loading;
  };

  return {
    here: async () => languagesOf({ files: await filesHere() }),
    offered: async (origin) => languagesOf({ files: (await filesOf(origin)) ?? [] }),
    async bring(origin, language) {
      const files = await filesOf(origin);
      if (files === null) return 'unreachable';
      const here = new Set(await filesHere());
      let brought = 0;
      try {
        for (const file of files)
          if (languageOf(file) === language && !here.has(file) && (await loadOnce(origin, file)))
            brought += 1;
      } catch {
        return 'unreachable';
      }
      return brought > 0 ? 'here' : 'missing';
    },
  };
}

class NoDictionary extends Error {}

async function* checked(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  let beginning: Buffer | null = Buffer.alloc(0);
  for await (const piece of source) {
    size += piece.length;
    if (size > MOST_BYTES) throw new NoDictionary('too large');
    if (beginning === null) yield piece;
    else {
      beginning = Buffer.concat([beginning, piece]);
      if (beginning.length < MARK.length) continue;
      if (!beginning.subarray(0, MARK.length).equals(MARK)) throw new NoDictionary('something else');
      yield beginning;
      beginning = null;
    }
  }
  if (beginning !== null) throw new NoDictionary('empty');
}
