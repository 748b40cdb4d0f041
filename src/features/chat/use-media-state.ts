/** Why a picture does not come, and another try when it could. */
import { ref, watch } from 'vue';
import type { MediaState } from '#protocol/ipc';
import { useSessionStore } from '../../stores/session.ts';
import { useTransfersStore } from '../../stores/transfers.ts';

/** Codes of a `MediaError`: bytes that nothing here can decode, and a form or an address that it can do nothing with. */
const UNDECODABLE = 3;
const UNSUPPORTED = 4;

/** @param address of what is shown; what is true of one address says nothing about the next */
export function useMediaState(messageId: () => string, address: () => string) {
  const transfers = useTransfersStore();
  const session = useSessionStore();
  /** Null while all is well. */
  const trouble = ref<Exclude<MediaState, 'here' | 'loading' | 'on-server'> | 'broken' | null>(null);
  /** Rises with every try, so that the address is asked for anew. */
  const attempt = ref(0);

  /** @param event of the element that shows it: a film knows whether its bytes or the way to them failed */
  async function failed(event?: Event): Promise<void> {
    const code = (event?.target as Partial<HTMLMediaElement> | null | undefined)?.error?.code;
    const state = await transfers.stateOf(messageId()).catch(() => 'unreachable' as const);
    // A film that is too large to keep is never here; the server that has it cannot be why it does not play.
    const isUnplayable = code === UNDECODABLE || (code === UNSUPPORTED && state === 'on-server');
    if (state === 'here' || state === 'loading' || isUnplayable)
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
