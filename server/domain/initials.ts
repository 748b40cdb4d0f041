/** Sorts names into the letters of an address book; Chinese ones by the initial of their pinyin. */
import { pinyin } from 'pinyin-pro';

/** Group of digits, emoji and everything else without a letter; always last. */
const REST = '#';

export interface InitialGroup<Entry> {
  title: string;
  list: Entry[];
}

export function groupByInitial<Entry extends { name: string }>(
  entries: readonly Entry[],
): InitialGroup<Entry>[] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const title = initialOf(entry.name);
    const list = groups.get(title);
    if (list === undefined) groups.set(title, [entry]);
    else list.push(entry);
  }
  return [...groups]
    .sort(([one], [other]) => (one === REST ? 1 : other === REST ? -1 : one < other ? -1 : 1))
    .map(([title, list]) => ({ title, list: list.sort((one, other) => byName(one.name, other.name)) }));
}

export function initialOf(name: string): string {
  const [first = ''] = name;
  if (/[a-z]/i.test(first)) return first.toUpperCase();
  if (!/\p{Script=Han}/u.test(first)) return REST;
  const letter = pinyin(first, { pattern: 'first', toneType: 'none' }).charAt(0).toUpperCase();
  return /[A-Z]/.test(letter) ? letter : REST;
}

const collator = new Intl.Collator('zh');

function byName(one: string, other: string): number {
  return collator.compare(one, other);
}
