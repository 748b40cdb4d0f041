import { join } from 'node:path';
import * as electron from 'electron';
import { app, clipboard, nativeImage, shell, type BrowserWindow, type NativeImage } from 'electron';
import { MagpieError } from '#protocol/errors';
import type { FileActions } from '../bridge/media-handlers.ts';
import appIcon from '../../../resources/icons/256x256.png?asset';
import { safeName } from '../media/places.ts';
import { createDragFiles } from '../media/drag-files.ts';
import type { Questions } from './questions.ts';

/** Newer Electrons have the clipboard of the web, older ones a method of their own. */
interface OlderClipboard {
  writeImage(image: NativeImage): void;
}

async function writeImage(image: NativeImage): Promise<void> {
  if ('writeImage' in clipboard) return (clipboard as unknown as OlderClipboard).writeImage(image);
  const png = new Blob([new Uint8Array(image.toPNG())], { type: 'image/png' });
  await clipboard.write([new electron.ClipboardItem({ 'image/png': png })]);
}

/** Width of the picture under the pointer, pixels. */
const DRAG_ICON = 96;

/** What the desktop does with files that people received. */
export function createFileActions(window: () => BrowserWindow | null, questions: Questions): FileActions {
  return {
    downloads: () => app.getPath('downloads'),
    chooseTarget: (name) => questions.targetFile(join(app.getPath('downloads'), safeName(name))),
    async open(path) {
      const problem = await shell.openPath(path);
      if (problem !== '') throw new MagpieError('file-gone', problem);
    },
    dragFiles: createDragFiles(join(app.getPath('userData'), 'dragged')),
    startDrag(file, picture) {
      const seen = picture === null ? nativeImage.createEmpty() : nativeImage.createFromBuffer(picture);
      const icon = seen.isEmpty() ? nativeImage.createFromPath(appIcon) : seen;
      window()?.webContents.startDrag({ file, icon: icon.resize({ width: DRAG_ICON }) });
    },
    showInFolder: (path) => shell.showItemInFolder(path),
    async copyImage(bytes) {
      const image = nativeImage.createFromBuffer(bytes);
      if (image.isEmpty()) throw new MagpieError('bad-answer', 'not a picture');
      await writeImage(image);
    },
  };
}
