import { app } from 'electron';
import type { Locale } from '#protocol/model/settings';
import type { SettingsStore } from '../settings/settings.ts';

export function systemLocale(): Locale {
  return app.getLocale().toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
}

/** The language that the app speaks; the system's while no settings are there. */
export function chosenLocale(settings: SettingsStore | null): Locale {
  const language = settings?.read().settings.language ?? 'system';
  return language === 'system' ? systemLocale() : language;
}
