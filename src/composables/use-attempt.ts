import { ref, type Ref } from 'vue';
import { useErrorText } from './use-error-text.ts';

export interface Attempts {
  /** Something is under way: its button shows it. */
  busy: Ref<boolean>;
  /** Why the last one failed, in words to be shown beside what was asked; empty otherwise. */
  error: Ref<string>;
  /** Runs it unless another one is under way. True when it ended well. */
  attempt(work: () => Promise<unknown>): Promise<boolean>;
}

/**
 * Does what a person asked for, one thing at a time, and says why it failed: in `error`, or through `tell` where there is
 * no place for words beside the button.
 */
export function useAttempt(tell?: (text: string) => void): Attempts {
  const errorText = useErrorText();
  const busy = ref(false);
  const error = ref('');
  return {
    busy,
    error,
    async attempt(work) {
      if (busy.value) return false;
      busy.value = true;
      error.value = '';
      try {
        await work();
        return true;
      } catch (thrown) {
        if (tell === undefined) error.value = errorText(thrown);
        else tell(errorText(thrown));
        return false;
      } finally {
        busy.value = false;
      }
    },
  };
}
