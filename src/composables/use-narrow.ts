import { onScopeDispose, readonly, ref, type Ref } from 'vue';
import { NARROW_WIDTH } from '../lib/limits.ts';

/** True while the window is too narrow for a full list column. */
export function useNarrow(): Readonly<Ref<boolean>> {
  const query = window.matchMedia(`(width < ${NARROW_WIDTH}px)`);
  const narrow = ref(query.matches);
  const update = (): void => void (narrow.value = query.matches);
  query.addEventListener('change', update);
  onScopeDispose(() => query.removeEventListener('change', update));
  return readonly(narrow);
}
