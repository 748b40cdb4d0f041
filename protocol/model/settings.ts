export const LANGUAGES = ['system', 'zh-CN', 'en'] as const;
export type LanguageSetting = (typeof LANGUAGES)[number];
export type Locale = 'zh-CN' | 'en';

export const THEMES = ['system', 'light', 'dark'] as const;
export type ThemeSetting = (typeof THEMES)[number];

export const SEND_KEYS = ['enter', 'mod-enter'] as const;
export type SendKey = (typeof SEND_KEYS)[number];

/** Preferences of the person, kept for all accounts on this machine. */
export interface Settings {
  language: LanguageSetting;
  theme: ThemeSetting;
  /** Which key sends; the other combination breaks the line. */
  sendKey: SendKey;
  /** Width of the list column in CSS pixels, 264–360. */
  listWidth: number;
}

export const DEFAULT_SETTINGS: Settings = {
  language: 'system',
  theme: 'system',
  sendKey: 'enter',
  listWidth: 312,
};
