import { onScopeDispose, watch } from 'vue';
import { useSettingsStore } from '../stores/settings.ts';

/** Puts the chosen theme on <html>; follows the system while the setting says so. */
export function useTheme(): void {
  const store = useSettingsStore();
  const dark = window.matchMedia('(prefers-color-scheme: dark)');

  function paint(): void {
    const { theme } = store.settings;
    document.documentElement.dataset['theme'] =
      theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
  }

  watch(() => store.settings.theme, paint, { immediate: true });
  dark.addEventListener('change', paint);
  onScopeDispose(() => dark.removeEventListener('change', paint));
}
