/** The sections of the settings in the order of the page, and the one that is being read. */
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

export interface IndexedSection {
  title(): string;
  element: HTMLElement;
}

interface SectionIndex {
  add(section: IndexedSection): void;
  remove(section: IndexedSection): void;
}

const KEY: InjectionKey<SectionIndex> = Symbol('sections of the settings');

/** Pixels below the upper edge at which a section counts as the one that is read. */
const READING_LINE = 96;

/** @param scroller what the sections scroll in */
export function provideSectionIndex(scroller: Readonly<Ref<HTMLElement | null>>) {
  const listed = shallowRef<readonly IndexedSection[]>([]);
  const current = ref<HTMLElement | null>(null);

  const sections = computed(() =>
    listed.value.toSorted((one, other) =>
      one.element.compareDocumentPosition(other.element) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1,
    ),
  );
  provide(KEY, {
    add: (section) => void (listed.value = [...listed.value, section]),
    remove: (section) => void (listed.value = listed.value.filter((one) => one !== section)),
  });

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
  return { sections, current, look, show };
}

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
