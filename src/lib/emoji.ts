/** All emoji with their words in both languages; loaded only when somebody looks for one. */
import type { SkinTone } from '#protocol/model/settings';

export interface Emoji {
  char: string;
  /** The same in five skin tones, from light to dark; empty where there are none. */
  skins: readonly string[];
  label: { 'zh-CN': string; en: string };
  /** Everything by which it is found, in small letters. */
  words: readonly string[];
  group: EmojiGroup;
}

/** The groups of Unicode, in its order, without the one of mere skin tones. */
export const EMOJI_GROUPS = [0, 1, 3, 4, 5, 6, 7, 8, 9] as const;
export type EmojiGroup = (typeof EMOJI_GROUPS)[number];

interface Entry {
  hexcode: string;
  label: string;
  unicode: string;
  tags?: readonly string[];
  group?: number;
  order?: number;
  skins?: readonly { unicode: string }[];
}

let loading: Promise<readonly Emoji[]> | null = null;

export function loadEmoji(): Promise<readonly Emoji[]> {
  loading ??= Promise.all([
    import('emojibase-data/en/compact.json'),
    import('emojibase-data/zh/compact.json'),
  ]).then(
    ([en, zh]) => merge(en.default as readonly Entry[], zh.default as readonly Entry[]),
    (error: unknown) => {
      loading = null;
      throw error;
    },
  );
  return loading;
}

function merge(en: readonly Entry[], zh: readonly Entry[]): readonly Emoji[] {
  const chinese = new Map(zh.map((entry) => [entry.hexcode, entry]));
  return en
    .filter((entry) => EMOJI_GROUPS.some((group) => group === entry.group))
    .sort((one, other) => (one.order ?? 0) - (other.order ?? 0))
    .map((entry) => {
      const other = chinese.get(entry.hexcode) ?? entry;
      const words = [entry.label, ...(entry.tags ?? []), other.label, ...(other.tags ?? [])];
      return {
        char: entry.unicode,
        skins: (entry.skins ?? []).slice(0, 5).map(({ unicode }) => unicode),
        label: { en: entry.label, 'zh-CN': other.label },
        words: [...new Set(words.map((word) => word.toLowerCase()))],
        group: entry.group as EmojiGroup,
      };
    });
}

/** Best first: a whole word before the beginning of one before a part; every part of the question must fit. */
export function searchEmoji(all: readonly Emoji[], question: string): Emoji[] {
  const parts = question.trim().toLowerCase().split(/\s+/u).filter(Boolean);
  if (parts.length === 0) return [];
  const found: { emoji: Emoji; rank: number }[] = [];
  for (const emoji of all) {
    let rank = 0;
    for (const part of parts) {
      rank += Math.min(...emoji.words.map((word) => rankOf(word, part) + (isName(emoji, word) ? 0 : 0.5)));
    }
    if (Number.isFinite(rank) || parts.includes(emoji.char)) found.push({ emoji, rank });
  }
  return found.sort((one, other) => one.rank - other.rank).map(({ emoji }) => emoji);
}

/** What it is called counts more than what comes to mind with it. */
function isName({ label }: Emoji, word: string): boolean {
  return word === label.en.toLowerCase() || word === label['zh-CN'].toLowerCase();
}

function rankOf(word: string, part: string): number {
  if (word === part) return 0;
  if (word.startsWith(part)) return 1;
  if (word.includes(` ${part}`)) return 2;
  return word.includes(part) ? 3 : Infinity;
}

/** An emoji in a skin tone, where it has them. */
export function inTone({ char, skins }: Pick<Emoji, 'char' | 'skins'>, tone: SkinTone): string {
  return tone === 0 ? char : (skins[tone - 1] ?? char);
}
