import { computed, type ComputedRef } from 'vue';
import { useI18n } from 'vue-i18n';
import type { MessageKey } from '../locales/texts.ts';

export type Translate = (key: MessageKey, named?: Record<string, string | number>, plural?: number) => string;

/** Texts by typed key: a key that does not exist is a type error. `plural` also fills `{n}`. */
export function useText(): { t: Translate; locale: ComputedRef<string> } {
  const i18n = useI18n({ useScope: 'global' });
  return {
    t: (key, named = {}, plural) =>
      plural === undefined ? i18n.t(key, named) : i18n.t(key, { n: plural, ...named }, plural),
    locale: computed(() => i18n.locale.value),
  };
}
