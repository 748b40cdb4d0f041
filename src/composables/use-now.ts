import { onScopeDispose, readonly, ref, type Ref } from 'vue';

/** The time, renewed every `interval` milliseconds for as long as somebody looks. */
export function useNow(interval: number): Readonly<Ref<number>> {
  const now = ref(Date.now());
  const timer = setInterval(() => (now.value = Date.now()), interval);
  onScopeDispose(() => clearInterval(timer));
  return readonly(now);
}
