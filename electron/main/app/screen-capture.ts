import { type BrowserWindow, desktopCapturer, screen, type Size } from 'electron';
import type { CapturableWindow } from '#protocol/ipc';
import { MagpieError } from '#protocol/errors';

/** Until the window is really gone from the picture: window managers fade. */
const OUT_OF_SIGHT = 350;

/**
 * PNG pictures of all screens, without our own windows in the way; taken only because the person asked. Empty where the
 * system gives none, as some do until the person allowed it.
 */
export async function captureScreens(windows: readonly BrowserWindow[]): Promise<Uint8Array[]> {
  const shown = windows.filter((window) => window.isVisible());
  for (const window of shown) window.hide();
  try {
    await new Promise((resolve) => setTimeout(resolve, OUT_OF_SIGHT));
    const sources = await desktopCapturer.getSources({ types: ['screen'], thumbnailSize: largestScreen() });
    return sources
      .map(({ thumbnail }) => thumbnail)
      .filter((picture) => !picture.isEmpty())
      .map((picture) => picture.toPNG());
  } finally {
    // The main one last, because it asked.
    for (const window of [...shown].reverse()) {
      window.show();
      window.focus();
    }
  }
}

/** Pixels in which every screen, and every window on one, is seen as it is. */
function largestScreen(): Size {
  const displays = screen.getAllDisplays();
  const edge = (pick: 'width' | 'height') =>
    Math.max(...displays.map(({ size, scaleFactor }) => Math.round(size[pick] * scaleFactor)));
  return { width: edge('width'), height: edge('height') };
}

/** To choose from. Pixels. */
const SMALL: Size = { width: 320, height: 200 };

async function othersIn(size: Size, own: readonly BrowserWindow[]) {
  const ours = new Set(own.map((window) => window.getMediaSourceId()));
  const sources = await desktopCapturer.getSources({ types: ['window'], thumbnailSize: size });
  // A minimised one has no picture.
  return sources.filter(({ id, thumbnail }) => !ours.has(id) && !thumbnail.isEmpty());
}

/** Windows of other programs, in front the one that was used last. */
export async function listWindows(own: readonly BrowserWindow[]): Promise<CapturableWindow[]> {
  const sources = await othersIn(SMALL, own);
  return sources.map(({ id, name, thumbnail }) => ({ id, name, picture: thumbnail.toPNG() }));
}

/**
 * PNG picture of a window. What the system gives fills the size that is asked for: only a window whose own size is known
 * stays as sharp as it is.
 *
 * @throws {MagpieError} `not-found` when it is there no more
 */
export async function captureWindow(
  id: string,
  own: readonly BrowserWindow[],
  size = largestScreen(),
): Promise<Uint8Array> {
  const source = (await othersIn(size, own)).find((one) => one.id === id);
  if (source === undefined) throw new MagpieError('not-found', 'the window was closed');
  return source.thumbnail.toPNG();
}

/** The one window that the page may look at next, because the person chose it. */
export const windowToShow = (() => {
  let named: string | null = null;
  return {
    name: (id: string) => void (named = id),
    isNamed: () => named !== null,
    /** Once only. */
    take(): string | null {
      const id = named;
      named = null;
      return id;
    },
  };
})();
