/** Naming members in a text: finding the name that is being typed, and which names stand in the text when it is sent. */
import type { Mentions } from '#protocol/model/group';

/** The name that is being typed: from the `@` to the caret. */
export interface MentionQuery {
  start: number;
  text: string;
}

/** Longest name that is looked for behind an `@`. */
const LONGEST = 20;

/** What stands behind the last `@` before the caret; null when nobody is being named. */
export function mentionQuery(text: string, caret: number): MentionQuery | null {
  const start = text.slice(0, caret).lastIndexOf('@');
  if (start < 0 || caret - start > LONGEST + 1) return null;
  const before = text[start - 1];
  // Addresses of mail are no names of members.
  if (before !== undefined && /[a-z0-9._-]/iu.test(before)) return null;
  const typed = text.slice(start + 1, caret);
  return /[\s@]/u.test(typed) ? null : { start, text: typed };
}

/** A name that stands for a member, or for all of them. */
export interface Named {
  accountId: number | 'all';
  name: string;
}

/**
 * Whom a text means: the names behind an `@` that are names of members, the longest that fits. Read from the text when it
 * is sent, so that a name that was deleted means nobody, and one in a draft of yesterday still means somebody. Where two
 * carry the same name, `picked` (those whom the person chose while writing) decides; if nobody was picked, both are meant.
 */
export function mentionsIn(
  text: string,
  members: readonly Named[],
  picked: readonly Named[] = [],
): Mentions | undefined {
  const byLength = [...picked, ...members].filter(({ name }) => name !== '');
  byLength.sort((a, b) => b.name.length - a.name.length);
  const ids = new Set<number>();
  for (const { index } of text.matchAll(/(?<![a-z0-9._-])@/giu)) {
    const rest = text.slice(index + 1);
    const name = byLength.find((one) => beginsWithName(rest, one.name))?.name;
    if (name === undefined) continue;
    const chosen = picked.filter((one) => one.name === name);
    for (const { accountId } of chosen.length > 0 ? chosen : members.filter((one) => one.name === name)) {
      if (accountId === 'all') return 'all';
      ids.add(accountId);
    }
  }
  return ids.size === 0 ? undefined : [...ids];
}

/** `Ann` is not the beginning of `Anna`; behind a Chinese name the sentence may go on at once. */
function beginsWithName(text: string, name: string): boolean {
  if (!text.startsWith(name)) return false;
  return !(
    /[\p{Script=Latin}\p{N}]$/u.test(name) && /^[\p{Script=Latin}\p{N}]/u.test(text.slice(name.length))
  );
}
