/** Why a picture does not come, whether it still may, and another try when it could. */
import { onScopeDispose, ref, watch } from 'vue';
import type { MediaState } from '#protocol/ipc';
import { useSessionStore } from '../../stores/session.ts';
import { useTransfersStore } from '../../stores/transfers.ts';

/** Codes of a `MediaError`: bytes that nothing here can decode, and a form or an address that it can do nothing with. */
const UNDECODABLE = 3;
const UNSUPPORTED = 4;
/** While a file comes, main is asked again after so long; milliseconds. */
const ASK_AGAIN = 700;

/** @param address of what is shown; what is true of one address says nothing about the next */
export function useMediaState(messageId: () => string, address: () => string) {
  const transfers = useTransfersStore();
  const session = useSessionStore();
  /** Null while all is well. */
  const trouble = ref<Exclude<MediaState, 'here' | 'loading' | 'on-server'> | 'broken' | null>(null);
  /** What is here of it cannot be shown, and the rest is on its way. */
  const coming = ref(false);
  /** Rises with every try, so that the address is asked for anew. */
  const attempt = ref(0);
  let asking: ReturnType<typeof setTimeout> | undefined;
  /** Rises whenever what was asked has lost its meaning. */
  let turn = 0;

  function reset(): void {
    turn += 1;
    clearTimeout(asking);
    coming.value = false;
    trouble.value = null;
  }
  const ask = (): Promise<MediaState> => transfers.stateOf(messageId()).catch(() => 'unreachable' as const);

  /** @param event of the element that shows it: a film knows whether its bytes or the way to them failed */
  async function failed(event?: Event): Promise<void> {
    const code = (event?.target as Partial<HTMLMediaElement> | null | undefined)?.error?.code;
    const mine = turn;
    const state = await ask();
    if (mine !== turn) return;
    // A film that is too large to keep is never here; the server that has it cannot be why it does not play.
    const isUnplayable = code === UNDECODABLE || (code === UNSUPPORTED && state === 'on-server');
    if (state === 'loading') follow();
    else if (state === 'here' || isUnplayable)
      // It is here, and still cannot be drawn.
      trouble.value = 'broken';
    // The line broke while it came, and is back already: another try brings the rest.
    else trouble.value = state === 'on-server' ? 'unreachable' : state;
  }
  /** Until all of it is here, or will not come. */
  function follow(): void {
    coming.value = true;
    const mine = turn;
    asking = setTimeout(async () => {
      const state = await ask();
      if (mine !== turn) return;
      if (state === 'loading') return follow();
      again();
      if (state !== 'here') trouble.value = state === 'on-server' ? 'unreachable' : state;
    }, ASK_AGAIN);
  }
  function again(): void {
    reset();
    attempt.value += 1;
  }
  watch(address, reset);
  watch(
    () => session.connection.state,
    (state) => {
      if (state === 'online' && trouble.value === 'unreachable') again();
    },
  );
  onScopeDispose(reset);
  return { trouble, coming, attempt, failed, again };
}
