import { z } from 'zod';

/** Hunspell dictionaries in the form that Chromium reads: `en-US-10-1.bdic`. */
const FILE = /^(?<language>[a-z]{2,3}(-[A-Z]{2})?)-\d{1,3}-\d{1,3}\.bdic$/u;

/** Answer of `GET /dictionaries/`: names of the files beside it. */
export const dictionaryList = z.object({ files: z.array(z.string().max(100)).max(1_000) });

export function isDictionary(fileName: string): boolean {
  return FILE.test(fileName);
}

/** The dictionaries in a list of files; nothing for anything that is no such list. */
export function dictionaryFiles(answer: unknown): string[] {
  const parsed = dictionaryList.safeParse(answer);
  return parsed.success ? parsed.data.files.filter(isDictionary) : [];
}

/** Undefined for a file that is no dictionary. */
export function languageOf(fileName: string): string | undefined {
  return FILE.exec(fileName)?.groups?.['language'];
}

/** The languages of a list of files; nothing for anything that is no such list. */
export function languagesOf(answer: unknown): string[] {
  const found = dictionaryFiles(answer).map(languageOf);
  return [...new Set(found)].filter((language) => language !== undefined).sort();
}
