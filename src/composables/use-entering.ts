import { useNoticesStore } from '../stores/notices.ts';
import { useSessionStore } from '../stores/session.ts';
import { useAttempt, type Attempts } from './use-attempt.ts';

/**
 * Attempts to get into a server from the first screen. Where the server is found but lets no guest in, that screen is
 * gone and the form to sign in is there: the reason is told above it.
 */
export function useEntering(): Attempts {
  const session = useSessionStore();
  const notices = useNoticesStore();
  const attempts = useAttempt();
  return {
    ...attempts,
    async attempt(work) {
      const isIn = await attempts.attempt(work);
      if (attempts.error.value !== '' && session.session.phase !== 'welcome')
        notices.warn(attempts.error.value);
      return isIn;
    },
  };
}
