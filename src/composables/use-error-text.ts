import { toWireError } from '#protocol/errors';
import { readableSentence } from '../lib/server-sentences.ts';
import { useProblemText } from './use-problem-text.ts';
import { useText } from './use-text.ts';

/** The sentence a person reads for a failure: the server's own where it gave one, else ours for the code. */
export function useErrorText(): (thrown: unknown) => string {
  const { t, locale } = useText();
  const problemText = useProblemText();
  return (thrown) => {
    const { code, details } = toWireError(thrown);
    if (details?.serverText !== undefined && details.serverText !== '')
      return readableSentence(details.serverText, locale.value);
    if (details?.network !== undefined) return problemText(details.network);
    const wait = details?.retryAfter;
    if (code === 'rate-limited' && wait !== undefined) {
      return wait < 90
        ? t('errors.rate-limited-seconds', {}, Math.max(1, Math.ceil(wait)))
        : t('errors.rate-limited-minutes', {}, Math.ceil(wait / 60));
    }
    return t(`errors.${code}`);
  };
}
