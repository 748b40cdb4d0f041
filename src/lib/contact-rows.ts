import type { Contact } from '#protocol/model/contact';

export type ContactRow =
  | { kind: 'initial'; key: string; initial: string }
  | { kind: 'contact'; key: string; initial: string; contact: Contact }
  | { kind: 'count'; key: string; initial: string; count: number };

/** Stands in the place of the initial above those with a star. */
export const STARRED = '★';

/**
 * The contact list with its initials: those with a star, A–Z, then `#`; Chinese names by their sound in every language.
 * The count comes last.
 */
export function contactRows(contacts: readonly Contact[]): ContactRow[] {
  const collator = new Intl.Collator('zh-CN');
  const headingOf = (contact: Contact): string => (contact.starred ? STARRED : contact.initial);
  const rank = (heading: string): string =>
    heading === STARRED ? '' : heading === '#' ? '\u{10FFFF}' : heading;
  const sorted = [...contacts].sort((a, b) => {
    const left = rank(headingOf(a));
    const right = rank(headingOf(b));
    if (left !== right) return left < right ? -1 : 1;
    return collator.compare(a.name, b.name) || a.accountId - b.accountId;
  });
  const rows: ContactRow[] = [];
  let initial = '';
  for (const contact of sorted) {
    if (headingOf(contact) !== initial) {
      initial = headingOf(contact);
      rows.push({ kind: 'initial', key: `initial:${initial}`, initial });
    }
    rows.push({ kind: 'contact', key: `contact:${contact.accountId}`, initial, contact });
  }
  if (rows.length > 0) rows.push({ kind: 'count', key: 'count', initial, count: sorted.length });
  return rows;
}
