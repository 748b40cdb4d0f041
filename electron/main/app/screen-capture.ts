import { type BrowserWindow, desktopCapturer, screen } from 'electron';

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
    const displays = screen.getAllDisplays();
    const edge = (pick: 'width' | 'height') =>
      Math.max(...displays.map(({ size, scaleFactor }) => Math.round(size[pick] * scaleFactor)));
    const sources = await desktopCapturer.getSources({
      types: ['screen'],
      thumbnailSize: { width: edge('width'), height: edge('height') },
    });
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
