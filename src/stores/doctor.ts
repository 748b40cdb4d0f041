import { computed, onScopeDispose, ref, shallowRef } from 'vue';
import { defineStore } from 'pinia';
import type { DoctorResult } from '#protocol/model/doctor';
import { call, listen } from '../bridge.ts';

/** Examines the way to a server; one examination at a time. */
export const useDoctorStore = defineStore('doctor', () => {
  const isOpen = ref(false);
  /** What the person typed; null for the server that is chosen. */
  const address = ref<string | null>(null);
  const origin = ref('');
  const at = ref(0);
  const running = ref(false);
  /** Why there was no examination at all. */
  const failure = shallowRef<unknown>(null);
  const results = shallowRef<DoctorResult[]>([]);

  onScopeDispose(
    listen('doctor:progressed', (result) => {
      if (!running.value) return;
      const others = results.value.filter(({ step }) => step !== result.step);
      // A step that begins comes last; one that ends keeps its place.
      results.value =
        others.length === results.value.length
          ? [...others, result]
          : results.value.map((one) => (one.step === result.step ? result : one));
    }),
  );

  return {
    isOpen: computed(() => isOpen.value),
    origin: computed(() => origin.value),
    at: computed(() => at.value),
    running: computed(() => running.value),
    failure: computed(() => failure.value),
    results: computed(() => results.value),
    open(typed: string | null = null) {
      address.value = typed;
      isOpen.value = true;
    },
    close: () => (isOpen.value = false),
    async examine(): Promise<void> {
      if (running.value) return;
      running.value = true;
      failure.value = null;
      results.value = [];
      origin.value = address.value ?? '';
      try {
        const report = await call('doctor:examine', address.value === null ? {} : { address: address.value });
        results.value = report.results;
        origin.value = report.origin;
        at.value = report.at;
      } catch (thrown) {
        failure.value = thrown;
      } finally {
        running.value = false;
      }
    },
  };
});
