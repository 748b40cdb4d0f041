import { onScopeDispose, readonly, ref, watch, type Ref } from 'vue';

/** Becomes true only after `source` has been true for `delay` milliseconds, so that short waits show nothing. */
export function useDelayed(source: () => boolean, delay: number): Readonly<Ref<boolean>> {
  const shown = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  watch(
    source,
    (active) => {
      clearTimeout(timer);
      if (active) timer = setTimeout(() => (shown.value = true), delay);
      else shown.value = false;
    },
    { immediate: true },
  );
  onScopeDispose(() => clearTimeout(timer));
  return readonly(shown);
}
