/** What somebody dropped or pasted, as files, and what of it cannot be sent. */

export interface Dropped {
  files: File[];
  /** Names of folders: a folder is no file, and would hang as one. */
  folders: string[];
}

/** Call while the event is handled: afterwards the data is gone. */
export function takeDropped(data: DataTransfer): Dropped {
  const dropped: Dropped = { files: [], folders: [] };
  for (const item of data.items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry();
    if (entry?.isDirectory === true) dropped.folders.push(entry.name);
    else {
      const file = item.getAsFile();
      if (file !== null) dropped.files.push(file);
    }
  }
  return dropped;
}

/** Are there files in what is dragged? Contents are not to be seen before the drop. */
export function hasFiles(data: DataTransfer | null): boolean {
  return data?.types.includes('Files') === true;
}

/**
 * Files of a paste. Office programs offer a text and a picture of it: then the text is meant, and it is pasted as such.
 */
export function takePasted(data: DataTransfer): File[] {
  const hasText = data.types.includes('text/plain') && data.getData('text/plain').trim() !== '';
  const { files } = takeDropped(data);
  const onlyPicture = files.length === 1 && files[0]?.type.startsWith('image/') === true;
  return hasText && onlyPicture ? [] : files;
}
