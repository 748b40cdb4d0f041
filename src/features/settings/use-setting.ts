import type { Settings } from '#protocol/model/settings';
import { useWarned } from '../../composables/use-warned.ts';
import { useSettingsStore } from '../../stores/settings.ts';

/** Changes preferences; a change that is refused says why. */
export function useSetting(): (part: Partial<Settings>) => void {
  const store = useSettingsStore();
  const warned = useWarned();
  return (part) => void warned(() => store.update(part));
}
