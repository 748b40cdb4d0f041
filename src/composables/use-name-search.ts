/**
 * Finding people and groups by what somebody types: a part of the name or, for Chinese names, of its sound (`wxm`,
 * `xiaom` and `小明` all find 王小明). The sounds are loaded with the first search that could need them.
 */
import { shallowRef } from 'vue';

type Sounds = (text: string, typed: string) => unknown[] | null;
const sounds = shallowRef<Sounds | null>(null);
let loading: Promise<void> | null = null;

async function load(): Promise<void> {
  const { match } = await import('pinyin-pro');
  sounds.value = (text, typed) => match(text, typed, { continuous: true, precision: 'start' });
}

export function useNameSearch(): {
  /** True where one of the names fits; everything fits nothing typed. Reactive. */
  matches: (typed: string, names: readonly string[]) => boolean;
} {
  return {
    matches(typed, names) {
      const wanted = typed.trim().toLocaleLowerCase();
      if (names.some((name) => name.toLocaleLowerCase().includes(wanted))) return true;
      if (!/^[a-z\s']+$/u.test(wanted)) return false;
      loading ??= load();
      const sound = sounds.value;
      const letters = wanted.replaceAll(/[\s']/gu, '');
      return names.some(
        (name) => /\p{Script=Han}/u.test(name) && sound !== null && sound(name, letters) !== null,
      );
    },
  };
}
