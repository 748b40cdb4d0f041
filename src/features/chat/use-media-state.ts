/** Why a picture does not come, and another try when it could. */
import { ref, watch } from 'vue';
import type { MediaState } from '#protocol/ipc';
import { useSessionStore } from '../../stores/session.ts';
import { useTransfersStore } from '../../stores/transfers.ts';

/** @param address of what is shown; what is true of one address says nothing about the next */
export function useMediaState(messageId: () => string, address: () => string) {
  const transfers = useTransfersStore();
  const session = useSessionStore();
  /** Null while all is well. */
  const trouble = ref<Exclude<MediaState, 'here' | 'loading' | 'on-server'> | 'broken' | null>(null);
  /** Rises with every try, so that the address is asked for anew. */
  const attempt = ref(0);

  async function failed(): Promise<void> {
    const state = await transfers.stateOf(messageId()).catch(() => 'unreachable' as const);
    if (state === 'here' || state === 'loading')
      // It is here, or comes, and still cannot be drawn.
      trouble.value = 'broken';
    // The line broke while it came, and is back already: another try brings the rest.
    else trouble.value = state === 'on-server' ? 'unreachable' : state;
  }
  function again(): void {
    trouble.value = null;
    attempt.value += 1;
  }
  watch(address, () => (trouble.value = null));
  watch(
    () => session.connection.state,
    (state) => {
      if (state === 'online' && trouble.value === 'unreachable') again();
    },
  );
  return { trouble, attempt, failed, again };
}
