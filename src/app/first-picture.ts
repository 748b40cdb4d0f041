import { nextTick, watch } from 'vue';
import { useConversationsStore } from '../stores/conversations.ts';
import { useSessionStore } from '../stores/session.ts';

/** Resolves when the first screen is painted: the list as it is stored, or whatever stands before it. */
export async function firstPicture(): Promise<void> {
  const session = useSessionStore();
  const conversations = useConversationsStore();
  const isKnown = () => session.accountKey === null || conversations.phase !== 'loading';
  if (!isKnown()) await new Promise<void>((resolve) => watch(isKnown, () => resolve(), { once: true }));
  await nextTick();
  // A window that is hidden has no frames, and nobody looks at it.
  if (!document.hidden) await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}
