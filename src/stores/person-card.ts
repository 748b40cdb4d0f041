import { computed, shallowRef, watch } from 'vue';
import { defineStore } from 'pinia';
import { useSessionStore } from './session.ts';

/** Whose card is asked for, and what is shown of them until the server answered. */
export interface CardTarget {
  accountId: number;
  /** Missing where the place that opens the card does not know it. */
  uuid?: string;
  name: string;
  avatar: string;
}

/** The one card that lies over whatever is on screen. */
export const usePersonCardStore = defineStore('person-card', () => {
  const session = useSessionStore();
  const target = shallowRef<CardTarget | null>(null);
  watch(
    () => session.identity,
    () => (target.value = null),
  );
  return {
    target: computed(() => target.value),
    open: (next: CardTarget) => void (target.value = next),
    close: () => void (target.value = null),
  };
});
