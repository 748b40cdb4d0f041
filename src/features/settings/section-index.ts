/** The sections of the settings in the order of the page, the one that is being read, and what is found by its name. */
import {
  computed,
  inject,
  onBeforeUnmount,
  onMounted,
  provide,
  ref,
  shallowRef,
  type InjectionKey,
  type Ref,
} from 'vue';

import { useNameSearch } from '../../composables/use-name-search.ts';

export interface IndexedSection {
  title(): string;
  element: HTMLElement;
}

/** One setting; its section is the one it stands in. */
export interface IndexedRow {
  label(): string;
  hint(): string;
  element: HTMLElement;
}

export interface FoundRow extends IndexedRow {
  section: string;
}

interface SectionIndex {
  add(section: IndexedSection): void;
  remove(section: IndexedSection): void;
  addRow(row: IndexedRow): void;
  removeRow(row: IndexedRow): void;
}

const KEY: InjectionKey<SectionIndex> = Symbol('sections of the settings');

/** Pixels below the upper edge at which a section counts as the one that is read. */
const READING_LINE = 96;

/** @param scroller what the sections scroll in */
export function provideSectionIndex(scroller: Readonly<Ref<HTMLElement | null>>) {
  const { matches } = useNameSearch();
  const listed = shallowRef<readonly IndexedSection[]>([]);
  const rows = shallowRef<readonly IndexedRow[]>([]);
  const current = ref<HTMLElement | null>(null);

  const sections = computed(() => listed.value.toSorted(byPlace));
  provide(KEY, {
    add: (section) => void (listed.value = [...listed.value, section]),
    remove: (section) => void (listed.value = listed.value.filter((one) => one !== section)),
    addRow: (row) => void (rows.value = [...rows.value, row]),
    removeRow: (row) => void (rows.value = rows.value.filter((one) => one !== row)),
  });

  /** Settings with these words in their name, their explanation or the name of their section; of nothing typed none. */
  function find(typed: string): FoundRow[] {
    if (typed.trim() === '') return [];
    return rows.value.toSorted(byPlace).flatMap((row) => {
      const section = sections.value.find(({ element }) => element.contains(row.element))?.title() ?? '';
      return matches(typed, [row.label(), row.hint(), section]) ? [{ ...row, section }] : [];
    });
  }

  /** Brings one setting into the middle; the keyboard goes on from there. */
  function showRow({ element }: IndexedRow): void {
    element.scrollIntoView({ block: 'center' });
    // Only for now: a click on its words is no reason to mark it.
    element.tabIndex = -1;
    element.addEventListener('blur', () => element.removeAttribute('tabindex'), { once: true });
    element.focus({ preventScroll: true });
  }

  /** What was asked for and is on the screen, though the page ends before it could come up to the line. */
  let chosen: HTMLElement | null = null;

  function look(): void {
    const view = scroller.value;
    if (view === null) return;
    const line = view.getBoundingClientRect().top + READING_LINE;
    // The last sections may be too short to come up to the line.
    const isAtEnd = view.scrollTop > 0 && view.scrollHeight - view.scrollTop - view.clientHeight < 2;
    if (isAtEnd && chosen !== null) return;
    chosen = null;
    const above = sections.value.findLast(({ element }) => element.getBoundingClientRect().top <= line);
    const read = isAtEnd ? sections.value.at(-1) : (above ?? sections.value[0]);
    current.value = read?.element ?? null;
  }

  /** Brings a section up; the keyboard goes on from there. */
  function show({ element }: IndexedSection): void {
    chosen = element;
    current.value = element;
    element.scrollIntoView({ block: 'start' });
    element.focus({ preventScroll: true });
  }

  onMounted(look);
  return { sections, current, look, show, find, showRow };
}

const byPlace = (one: { element: HTMLElement }, other: { element: HTMLElement }): number =>
  one.element.compareDocumentPosition(other.element) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;

/** Puts a section into the index for as long as it is on the page. */
export function useIndexedSection(title: () => string, element: Readonly<Ref<HTMLElement | null>>): void {
  const index = inject(KEY, null);
  let section: IndexedSection | null = null;
  onMounted(() => {
    if (element.value === null) return;
    section = { title, element: element.value };
    index?.add(section);
  });
  onBeforeUnmount(() => {
    if (section !== null) index?.remove(section);
  });
}

/** Lets a setting be found for as long as it is on the page; outside of the settings nothing looks for it. */
export function useIndexedRow(
  label: () => string,
  hint: () => string,
  element: Readonly<Ref<HTMLElement | null>>,
): void {
  const index = inject(KEY, null);
  let row: IndexedRow | null = null;
  onMounted(() => {
    if (element.value === null) return;
    row = { label, hint, element: element.value };
    index?.addRow(row);
  });
  onBeforeUnmount(() => {
    if (row !== null) index?.removeRow(row);
  });
}
