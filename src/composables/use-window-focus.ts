import { onScopeDispose, readonly, ref, type Ref } from 'vue';

/** Whether the person looks at this window: it has the focus and is not hidden. */
export function useWindowFocus(): Readonly<Ref<boolean>> {
  const look = (): boolean => document.visibilityState === 'visible' && document.hasFocus();
  const focused = ref(look());
  const update = (): void => void (focused.value = look());
  window.addEventListener('focus', update);
  window.addEventListener('blur', update);
  document.addEventListener('visibilitychange', update);
  onScopeDispose(() => {
    window.removeEventListener('focus', update);
    window.removeEventListener('blur', update);
    document.removeEventListener('visibilitychange', update);
  });
  return readonly(focused);
}
