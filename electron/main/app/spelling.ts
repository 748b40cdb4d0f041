/**
 * Spell checking with dictionaries of the person's own server and nobody else's. Left alone, Chromium fetches them from
 * Google as soon as somebody types, so it is told another place before the first window opens.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { app, net, session, type Session } from 'electron';
import { MagpieError } from '#protocol/errors';
import type { SpellingOffer } from '#protocol/ipc';
import { languagesOf } from '#protocol/wire/dictionaries';
import type { SettingsStore } from '../settings/settings.ts';
import type { Logger } from '../support/logger.ts';

/** Port 9 discards what it gets, and on this computer nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9/';
const PATIENCE = 10_000;

/** Off, and without anywhere to ask: before there are settings. */
export function refuseDictionaries(target: Session = session.defaultSession): void {
  target.setSpellCheckerDictionaryDownloadURL(NOWHERE);
  target.setSpellCheckerEnabled(false);
  if (process.platform !== 'darwin') target.setSpellCheckerLanguages([]);
}

export interface SpellingOptions {
  settings: SettingsStore;
  logger: Logger;
  /** Of the account on screen; null for nobody. */
  serverOrigin(): string | null;
  /** The server does not have the dictionary, or cannot be reached. */
  onMissing(language: string): void;
  target?: Session;
}

export function createSpelling(options: SpellingOptions) {
  const target = options.target ?? session.defaultSession;
  const log = options.logger.module('spelling');
  const bySystem = process.platform === 'darwin';
  const folder = join(app.getPath('userData'), 'Dictionaries');
  let applied = '';

  target.on('spellcheck-dictionary-download-failure', (_event, language) => {
    log.warn('dictionary-missing', { language });
    options.onMissing(language);
  });

  const onServer = async (): Promise<string[]> => {
    const origin = options.serverOrigin();
    if (origin === null) return [];
    try {
      const answer = await net.fetch(`${origin}/dictionaries/`, {
        credentials: 'omit',
        redirect: 'error',
        signal: AbortSignal.timeout(PATIENCE),
      });
      // Servers without our extensions have none.
      return answer.ok ? languagesOf((await answer.json()) as unknown) : [];
    } catch {
      return [];
    }
  };
  const here = async (): Promise<string[]> => languagesOf({ files: await readdir(folder).catch(() => []) });

  return {
    /** Follows the settings and the account on screen. */
    apply(): void {
      const { spellCheck, spellLanguages } = options.settings.read().settings;
      const origin = options.serverOrigin();
      const known = new Set(target.availableSpellCheckerLanguages);
      const languages = spellLanguages.filter((language) => known.has(language));
      const key = JSON.stringify([spellCheck, languages, origin]);
      if (key === applied) return;
      applied = key;
      target.setSpellCheckerDictionaryDownloadURL(origin === null ? NOWHERE : `${origin}/dictionaries/`);
      const enabled = spellCheck && (bySystem || languages.length > 0);
      // Languages first: an enabled checker without any would take that of the system.
      if (!bySystem) target.setSpellCheckerLanguages(enabled ? languages : []);
      target.setSpellCheckerEnabled(enabled);
    },
    async offer(): Promise<SpellingOffer> {
      if (bySystem) return { bySystem, languages: [] };
      const known = new Set(target.availableSpellCheckerLanguages);
      const found = new Set([...(await onServer()), ...(await here())].filter((one) => known.has(one)));
      return { bySystem, languages: [...found].sort() };
    },
    learn(word: string): void {
      if (!target.addWordToSpellCheckerDictionary(word))
        throw new MagpieError('invalid-input', 'not a word for the dictionary');
    },
  };
}
