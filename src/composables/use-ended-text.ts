/** Why nobody can write into a group any more; empty while they can. */
import type { Conversation } from '#protocol/model/conversation';
import { useText } from './use-text.ts';

const TEXTS = {
  left: 'groups.endedLeft',
  removed: 'groups.endedRemoved',
  dissolved: 'groups.endedDissolved',
} as const;

export function useEndedText(): (conversation: Conversation) => string {
  const { t } = useText();
  return ({ ended }) => (ended === undefined ? '' : t(TEXTS[ended]));
}
