/**
 * Spell checking with dictionaries of the person's own server and nobody else's. Left alone, Chromium fetches them from
 * Google as soon as somebody types: it is told a place where nothing is, before the first window opens and for good, and finds in
 * its folder what we brought there.
 */
import { join } from 'node:path';
import { app, session, type Session } from 'electron';
import { MagpieError } from '#protocol/errors';
import type { SpellingOffer } from '#protocol/ipc';
import type { Network } from '../network/network.ts';
import type { SettingsStore } from '../settings/settings.ts';
import type { Logger } from '../support/logger.ts';
import { createDictionaries } from './dictionaries.ts';

/** Port 9 discards what it gets, and on this computer nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9/';

/** Off, and without anywhere to ask: before there are settings. */
export function refuseDictionaries(target: Session = session.defaultSession): void {
  target.setSpellCheckerDictionaryDownloadURL(NOWHERE);
  target.setSpellCheckerEnabled(false);
  if (process.platform !== 'darwin') target.setSpellCheckerLanguages([]);
}

export interface SpellingOptions {
  settings: SettingsStore;
  logger: Logger;
  network: Pick<Network, 'fetch'>;
  /** Of the account on screen; null for nobody. */
  serverOrigin(): string | null;
  /** The server does not have the dictionary. */
  onMissing(language: string): void;
  target?: Session;
}

export function createSpelling(options: SpellingOptions) {
  const target = options.target ?? session.defaultSession;
  const log = options.logger.module('spelling');
  const bySystem = process.platform === 'darwin';
  const dictionaries = createDictionaries(join(app.getPath('userData'), 'Dictionaries'), options.network);
  /** What was asked for last; while it stays the same, only what is still missing is looked for. */
  let applied = '';
  let checking: readonly string[] = [];
  let isComplete = false;
  /** Of a language and a server the person is told once. */
  const told = new Set<string>();
  const missing = (language: string, origin: string | null) => {
    log.warn('dictionary-missing', { language });
    const key = JSON.stringify([language, origin]);
    if (!told.has(key)) options.onMissing(language);
    told.add(key);
  };

  const check = (languages: readonly string[]): void => {
    if (languages.join() === checking.join()) return;
    checking = languages;
    // Languages first: an enabled checker without any would take that of the system.
    target.setSpellCheckerLanguages([...languages]);
    target.setSpellCheckerEnabled(languages.length > 0);
  };

  /** Checks with what is here, then with what the server has. */
  const follow = async (wanted: readonly string[], origin: string | null, key: string): Promise<void> => {
    const here = new Set(await dictionaries.here());
    const usable = () => wanted.filter((language) => here.has(language));
    if (key !== applied) return;
    check(usable());
    for (const language of wanted) {
      if (here.has(language)) continue;
      const brought = origin === null ? 'unreachable' : await dictionaries.bring(origin, language);
      // Something else was chosen meanwhile, or somebody else is on screen.
      if (key !== applied) return;
      if (brought === 'here') {
        here.add(language);
        check(usable());
        continue;
      }
      isComplete = false;
      if (brought === 'missing') missing(language, origin);
    }
  };

  /** What is here is damaged, or of another version than this Chromium reads: perhaps the server has the right one. */
  const replaced = new Set<string>();
  target.on('spellcheck-dictionary-download-failure', (_event, language) => {
    const origin = options.serverOrigin();
    if (!checking.includes(language)) return;
    if (origin === null || replaced.has(language)) return missing(language, origin);
    replaced.add(language);
    void dictionaries.bring(origin, language).then((brought) => {
      if (brought !== 'here') return missing(language, origin);
      const languages = checking;
      check([]);
      check(languages);
    });
  });

  return {
    /** Follows the settings, the account on screen, and a server that can be reached again. */
    apply(): void {
      const { spellCheck, spellLanguages } = options.settings.read().settings;
      if (bySystem) return target.setSpellCheckerEnabled(spellCheck);
      const origin = options.serverOrigin();
      const known = new Set(target.availableSpellCheckerLanguages);
      const wanted = spellCheck ? spellLanguages.filter((language) => known.has(language)) : [];
      const key = JSON.stringify([wanted, origin]);
      if (key === applied && isComplete) return;
      applied = key;
      isComplete = true;
      void follow(wanted, origin, key);
    },
    async offer(): Promise<SpellingOffer> {
      if (bySystem) return { bySystem, languages: [] };
      const origin = options.serverOrigin();
      const known = new Set(target.availableSpellCheckerLanguages);
      const offered = origin === null ? [] : await dictionaries.offered(origin);
      const found = [...offered, ...(await dictionaries.here())].filter((one) => known.has(one));
      return { bySystem, languages: [...new Set(found)].sort() };
    },
    learn(word: string): void {
      if (!target.addWordToSpellCheckerDictionary(word))
        throw new MagpieError('invalid-input', 'not a word for the dictionary');
    },
  };
}
