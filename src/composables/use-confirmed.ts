import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue';
import { useNoticesStore } from '../stores/notices.ts';
import { useAttempt } from './use-attempt.ts';

/** What is done only after a yes. */
export interface Confirmed<Subject> {
  /** What the question is about; null while nothing is asked. Set it to ask. */
  subject: ShallowRef<Subject | null>;
  busy: ComputedRef<boolean>;
  /** For `v-bind` on a ConfirmDialog, which brings the words. */
  dialog: ComputedRef<{
    open: boolean;
    busy: boolean;
    'onUpdate:open': (open: boolean) => void;
    onConfirm: () => Promise<void>;
  }>;
}

/** Asks before it does something with one of several things. Whether it was done or failed, the question is over then. */
export function useConfirmed<Subject>(act: (subject: Subject) => Promise<unknown>): Confirmed<Subject> {
  const notices = useNoticesStore();
  const { busy, attempt } = useAttempt(notices.warn);
  const subject = shallowRef<Subject | null>(null);

  async function confirm(): Promise<void> {
    const asked = subject.value;
    if (asked === null) return;
    await attempt(() => act(asked));
    subject.value = null;
  }
  return {
    subject,
    busy: computed(() => busy.value),
    dialog: computed(() => ({
      open: subject.value !== null,
      busy: busy.value,
      'onUpdate:open': () => void (subject.value = null),
      onConfirm: confirm,
    })),
  };
}
