/** Drags the file of a message out of the window, to the desktop or into another program. */
import { toWireError } from '#protocol/errors';
import { useErrorText } from '../../composables/use-error-text.ts';
import { useText } from '../../composables/use-text.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { useTransfersStore } from '../../stores/transfers.ts';

export function useDragOut() {
  const transfers = useTransfersStore();
  const notices = useNoticesStore();
  const errorText = useErrorText();
  const { t } = useText();

  /** For `dragstart`: what the page itself would drag is an address that means nothing elsewhere. */
  async function dragOut(event: DragEvent, messageId: string): Promise<void> {
    event.preventDefault();
    event.stopPropagation();
    // A file that has to be loaded first may come when nobody holds it any more.
    let held = true;
    let ready = false;
    const tell = async (): Promise<void> => {
      const state = await transfers.stateOf(messageId).catch(() => null);
      if (!ready && (state === 'loading' || state === 'on-server')) notices.tell(t('media.notHereYet'));
    };
    const letGo = (): void => {
      if (held) void tell();
      held = false;
    };
    window.addEventListener('pointerup', letGo);
    window.addEventListener('mouseup', letGo);
    try {
      await transfers.dragOut(messageId, () => {
        ready = true;
        return held;
      });
    } catch (error) {
      ready = true;
      // Given up where its progress is shown.
      if (toWireError(error).code !== 'cancelled') notices.warn(errorText(error));
    } finally {
      window.removeEventListener('pointerup', letGo);
      window.removeEventListener('mouseup', letGo);
    }
  }
  return { dragOut };
}
