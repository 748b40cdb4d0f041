export const LANGUAGES = ['system', 'zh-CN', 'en'] as const;
export type LanguageSetting = (typeof LANGUAGES)[number];
export type Locale = 'zh-CN' | 'en';

export const THEMES = ['system', 'light', 'dark'] as const;
export type ThemeSetting = (typeof THEMES)[number];

export const SEND_KEYS = ['enter', 'mod-enter'] as const;
export type SendKey = (typeof SEND_KEYS)[number];

/** Seconds in which a message can still be taken out of the outbox; 0 sends at once. */
export const UNDO_SECONDS = [0, 3, 5, 10] as const;
export type UndoSeconds = (typeof UNDO_SECONDS)[number];

/** Preferences of the person, kept for all accounts on this machine. */
export interface Settings {
  language: LanguageSetting;
  theme: ThemeSetting;
  /** Which key sends; the other combination breaks the line. */
  sendKey: SendKey;
  undoSeconds: UndoSeconds;
  /** Width of the list column in CSS pixels, 264–360. */
  listWidth: number;
}

export const DEFAULT_SETTINGS: Settings = {
  language: 'system',
  theme: 'system',
  sendKey: 'enter',
  undoSeconds: 0,
  listWidth: 312,
};
