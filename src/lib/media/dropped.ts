/** What somebody dropped or pasted: files, folders, and a text where the clipboard has both. */

export interface DroppedFolder {
  name: string;
  /** Stands for the folder, as files do for files. */
  file: File;
  entry: FileSystemDirectoryEntry;
}

export interface Dropped {
  files: File[];
  folders: DroppedFolder[];
}

/** Call while the event is handled: afterwards the data is gone. */
export function takeDropped(data: DataTransfer): Dropped {
  const dropped: Dropped = { files: [], folders: [] };
  for (const item of data.items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry();
    const file = item.getAsFile();
    if (file === null) continue;
    if (entry?.isDirectory === true)
      dropped.folders.push({ name: entry.name, file, entry: entry as FileSystemDirectoryEntry });
    else dropped.files.push(file);
  }
  return dropped;
}

/** Are there files in what is dragged? Contents are not to be seen before the drop. */
export function hasFiles(data: DataTransfer | null): boolean {
  return data?.types.includes('Files') === true;
}

export interface Pasted extends Dropped {
  /** Office programs offer a text and a picture of it: which of the two is meant only the person knows. Else empty. */
  text: string;
}

/** Null where only text was copied: the field takes that by itself. */
export function takePasted(data: DataTransfer): Pasted | null {
  const dropped = takeDropped(data);
  if (dropped.files.length === 0 && dropped.folders.length === 0) return null;
  // File managers offer names as text.
  const onlyPicture =
    dropped.folders.length === 0 &&
    dropped.files.length === 1 &&
    dropped.files[0]?.type.startsWith('image/') === true;
  const text = onlyPicture ? data.getData('text/plain') : '';
  return { ...dropped, text: text.trim() === '' || text === dropped.files[0]?.name ? '' : text };
}

/**
 * Files anywhere in a folder, in the order of their names.
 * @returns null when there are more than `most`
 */
export async function filesIn(folder: FileSystemDirectoryEntry, most: number): Promise<File[] | null> {
  const files: File[] = [];
  const walk = async (at: FileSystemDirectoryEntry): Promise<boolean> => {
    for (const entry of (await entriesOf(at)).toSorted((one, other) => one.name.localeCompare(other.name))) {
      if (entry.isDirectory) {
        if (!(await walk(entry as FileSystemDirectoryEntry))) return false;
        continue;
      }
      if (files.length === most) return false;
      files.push(
        await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
      );
    }
    return true;
  };
  return (await walk(folder)) ? files : null;
}

/** The platform gives them in pieces, an empty one at the end. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  for (;;) {
    const piece = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (piece.length === 0) return entries;
    entries.push(...piece);
  }
}
