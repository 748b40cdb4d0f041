/** Finds web addresses in text. The result is data, never markup, so nothing that somebody wrote becomes HTML. */

import { parseLink } from '#protocol/link';

export type TextPart = { kind: 'text'; text: string } | { kind: 'link'; text: string; href: string };

// Chinese and full-width punctuation ends an address: people write them without a space behind it.
const CANDIDATE = /(?:https?:\/\/|magpie:\/\/|www\.)[^\s<>"'`，。；：！？、（）《》「」『』【】“”‘’…]+/giu;
const CLOSING: Record<string, string> = { ')': '(', ']': '[', '}': '{' };

/** Takes off punctuation that belongs to the sentence; a closing bracket stays if it was opened inside. */
function trimEnd(candidate: string): string {
  let end = candidate.length;
  while (end > 0) {
    const last = candidate[end - 1]!;
    const opening = CLOSING[last];
    if (opening !== undefined) {
      const body = candidate.slice(0, end);
      if (body.split(opening).length >= body.split(last).length) break;
    } else if (!'.,;:!?*_~'.includes(last)) break;
    end--;
  }
  return candidate.slice(0, end);
}

function toHref(text: string): string | null {
  if (/^magpie:/i.test(text)) return parseLink(text) === null ? null : text;
  try {
    const url = new URL(/^www\./i.test(text) ? `https://${text}` : text);
    const safe = url.protocol === 'http:' || url.protocol === 'https:';
    return safe && url.hostname !== '' && url.username === '' && url.password === '' ? url.href : null;
  } catch {
    return null;
  }
}

export function linkify(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const before = text[match.index - 1];
    // `xwww.` and `ahttp://` are words, not addresses.
    if (before !== undefined && /[a-z0-9@/]/i.test(before)) continue;
    const shown = trimEnd(match[0]);
    const href = toHref(shown);
    if (href === null) continue;
    if (match.index > from) parts.push({ kind: 'text', text: text.slice(from, match.index) });
    parts.push({ kind: 'link', text: shown, href });
    from = match.index + shown.length;
  }
  if (from < text.length) parts.push({ kind: 'text', text: text.slice(from) });
  return parts;
}

// Not \p{RGI_Emoji}: compiling that set takes some hundred milliseconds.
const FEW_EMOJI =
  /^(?:(?:\p{Extended_Pictographic}|\p{Regional_Indicator}{2})(?:\uFE0F|\p{Emoji_Modifier}|\u200D\p{Extended_Pictographic})*\s?){1,3}$/u;

/** One to three emoji and nothing else: drawn larger. */
export function isFewEmoji(text: string): boolean {
  return text.length <= 40 && FEW_EMOJI.test(text);
}
