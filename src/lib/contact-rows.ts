import type { Contact } from '#protocol/model/contact';

export type ContactRow =
  | { kind: 'initial'; key: string; initial: string }
  | { kind: 'contact'; key: string; initial: string; contact: Contact }
  | { kind: 'count'; key: string; initial: string; count: number };

/** The contact list with its initials: A–Z, then `#`; Chinese names by their sound in every language. The count comes last. */
export function contactRows(contacts: readonly Contact[]): ContactRow[] {
  const collator = new Intl.Collator('zh-CN');
  const rank = (initial: string): string => (initial === '#' ? '\u{10FFFF}' : initial);
  const sorted = [...contacts].sort((a, b) => {
    const left = rank(a.initial);
    const right = rank(b.initial);
    if (left !== right) return left < right ? -1 : 1;
    return collator.compare(a.name, b.name) || a.accountId - b.accountId;
  });
  const rows: ContactRow[] = [];
  let initial = '';
  for (const contact of sorted) {
    if (contact.initial !== initial) {
      initial = contact.initial;
      rows.push({ kind: 'initial', key: `initial:${initial}`, initial });
    }
    rows.push({ kind: 'contact', key: `contact:${contact.accountId}`, initial, contact });
  }
  if (rows.length > 0) rows.push({ kind: 'count', key: 'count', initial, count: sorted.length });
  return rows;
}
