import { useNoticesStore } from '../stores/notices.ts';
import { useErrorText } from './use-error-text.ts';

/**
 * For what a person may do side by side, with no place for words beside it: a notice says why it failed. Gives true when
 * it ended well, and never rejects.
 */
export function useWarned(): (work: () => Promise<unknown>) => Promise<boolean> {
  const notices = useNoticesStore();
  const errorText = useErrorText();
  return async (work) => {
    try {
      await work();
      return true;
    } catch (thrown) {
      notices.warn(errorText(thrown));
      return false;
    }
  };
}
