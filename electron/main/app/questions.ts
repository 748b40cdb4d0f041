import {
  dialog,
  type BrowserWindow,
  type FileFilter,
  type OpenDialogOptions,
  type SaveDialogOptions,
} from 'electron';

/** The system's questions about places on the disk, on top of the window where the person is; null when they named none. */
export interface Questions {
  /** Where a file shall go, under which name. */
  targetFile(defaultPath: string, filters?: FileFilter[]): Promise<string | null>;
  folder(): Promise<string | null>;
}

export function createQuestions(front: () => BrowserWindow | null): Questions {
  return {
    async targetFile(defaultPath, filters) {
      const parent = front();
      const question: SaveDialogOptions = { defaultPath, ...(filters === undefined ? {} : { filters }) };
      const { canceled, filePath } = await (parent === null
        ? dialog.showSaveDialog(question)
        : dialog.showSaveDialog(parent, question));
      return canceled || filePath === '' ? null : filePath;
    },
    async folder() {
      const parent = front();
      const question: OpenDialogOptions = { properties: ['openDirectory', 'createDirectory'] };
      const { filePaths } = await (parent === null
        ? dialog.showOpenDialog(question)
        : dialog.showOpenDialog(parent, question));
      return filePaths[0] ?? null;
    },
  };
}
