/** What somebody dropped or pasted: files, folders, and words where there is more than that, or nothing else. */
import { readOffer } from './offered.ts';

export interface DroppedFolder {
  name: string;
  /** Stands for the folder, as files do for files: the folder itself, or, where it was picked, any file in it. */
  file: File;
  /** Files anywhere in it, in the order of their names; null when there are more than `most`. */
  list(most: number): Promise<File[] | null>;
}

export interface Dropped {
  files: File[];
  folders: DroppedFolder[];
  /** What is to be written in their place: an address, or words. */
  words?: string;
  /** Why it is not what the person took hold of: a picture whose address is all there is, or nothing that can be sent. */
  lack?: 'not-fetched' | 'nothing';
}

/** Everything out of another program. Call while the event is handled: afterwards the data is gone. */
export function takeDropped(data: DataTransfer): Dropped {
  const dropped = takeFiles(data);
  // Some browsers promise a file and give an empty one.
  if (dropped.folders.length > 0 || dropped.files.some(({ size }) => size > 0)) return dropped;
  const offer = readOffer({
    addresses: data.getData('text/uri-list'),
    html: data.getData('text/html'),
    download: data.getData('DownloadURL'),
    text: data.getData('text/plain'),
  });
  switch (offer.kind) {
    case 'picture':
      return { files: [new File([offer.bytes], offer.name, { type: offer.type })], folders: [] };
    case 'words':
      return {
        ...{ files: [], folders: [], words: offer.words },
        ...(offer.isPicture ? { lack: 'not-fetched' } : {}),
      };
    case 'nothing':
      return dropped.files.length > 0 ? dropped : { ...dropped, lack: 'nothing' };
  }
}

function takeFiles(data: DataTransfer): Dropped {
  const dropped: Dropped = { files: [], folders: [] };
  for (const item of data.items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry();
    const file = item.getAsFile();
    if (file === null) continue;
    if (entry?.isDirectory === true)
      dropped.folders.push({
        ...{ name: entry.name, file },
        list: (most) => filesIn(entry as FileSystemDirectoryEntry, most),
      });
    else dropped.files.push(file);
  }
  return dropped;
}

/** Are there files in what is dragged? Contents are not to be seen before the drop. */
export function hasFiles(data: DataTransfer | null): boolean {
  return data?.types.includes('Files') === true;
}

/** Something of a page in a browser: a picture, a link, a piece of it. */
export function hasPagePart(data: DataTransfer | null): boolean {
  return data?.types.some((type) => type === 'text/uri-list' || type === 'text/html') === true;
}

export interface Pasted extends Dropped {
  /** Office programs offer a text and a picture of it: which of the two is meant only the person knows. Else empty. */
  text: string;
}

/** Null where only text was copied: the field takes that by itself. */
export function takePasted(data: DataTransfer): Pasted | null {
  const dropped = takeFiles(data);
  if (dropped.files.length === 0 && dropped.folders.length === 0) return null;
  // File managers offer names as text.
  const onlyPicture =
    dropped.folders.length === 0 &&
    dropped.files.length === 1 &&
    dropped.files[0]?.type.startsWith('image/') === true;
  const text = onlyPicture ? data.getData('text/plain') : '';
  return { ...dropped, text: text.trim() === '' || text === dropped.files[0]?.name ? '' : text };
}

/** The folder that was picked in a dialog; null where there is no file in it. */
export function takeChosenFolder(files: readonly File[]): DroppedFolder | null {
  const [file] = files;
  if (file === undefined) return null;
  const inOrder = files.toSorted((one, other) =>
    one.webkitRelativePath.localeCompare(other.webkitRelativePath),
  );
  return {
    name: file.webkitRelativePath.split('/')[0] ?? '',
    file,
    list: (most) => Promise.resolve(files.length > most ? null : inOrder),
  };
}

async function filesIn(folder: FileSystemDirectoryEntry, most: number): Promise<File[] | null> {
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
