/** Drags the file of a message out of the window, to the desktop or into another program. */
import { useErrorText } from '../../composables/use-error-text.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { useTransfersStore } from '../../stores/transfers.ts';

export function useDragOut() {
  const transfers = useTransfersStore();
  const notices = useNoticesStore();
  const errorText = useErrorText();

  /** For `dragstart`: what the page itself would drag is an address that means nothing elsewhere. */
  async function dragOut(event: DragEvent, messageId: string): Promise<void> {
    event.preventDefault();
    event.stopPropagation();
    // A file that has to be loaded first may come when nobody holds it any more.
    let held = true;
    const letGo = (): void => void (held = false);
    window.addEventListener('pointerup', letGo, { once: true });
    window.addEventListener('mouseup', letGo, { once: true });
    try {
      await transfers.dragOut(messageId, () => held);
    } catch (error) {
      notices.warn(errorText(error));
    } finally {
      window.removeEventListener('pointerup', letGo);
      window.removeEventListener('mouseup', letGo);
    }
  }
  return { dragOut };
}
