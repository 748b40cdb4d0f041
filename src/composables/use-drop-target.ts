/** Which drags a place for drops takes: files, and parts of pages out of a browser, but nothing that was taken here. */
import { hasFiles, hasPagePart, takeDropped, type Dropped } from '../lib/media/dropped.ts';

/** A drag of this page's own goes on: words into a field, files of a tray. Those of messages leave as files. */
let ownDrag = false;
function ended(): void {
  ownDrag = false;
  window.removeEventListener('dragend', ended);
  window.removeEventListener('pointermove', ended);
}
window.addEventListener('dragstart', ({ defaultPrevented }) => {
  if (defaultPrevented) return;
  ownDrag = true;
  window.addEventListener('dragend', ended);
  // No pointer moves during a drag; the element that would tell of its end may be gone.
  window.addEventListener('pointermove', ended);
});

export function useDropTarget() {
  const takes = ({ dataTransfer }: DragEvent): boolean =>
    hasFiles(dataTransfer) || (!ownDrag && hasPagePart(dataTransfer));
  return {
    takes,
    /** Null where it is not taken. */
    take: (event: DragEvent): Dropped | null =>
      event.dataTransfer !== null && takes(event) ? takeDropped(event.dataTransfer) : null,
  };
}
