import { clipboard } from 'electron';

/** How Electron's clipboard was asked until it took the web's manner; one build runs on both. */
interface EarlierClipboard {
  readImage(): { isEmpty(): boolean; toPNG(): Buffer };
  readText(): string;
}

/** A link is shorter; nothing else is looked for in a copied text. */
const LONGEST_TEXT = 4_000;

/** What somebody copied: a picture as PNG, and a text. */
export async function readClipboard(): Promise<{ picture: Uint8Array | null; text: string }> {
  return { picture: await readPicture(), text: (await clipboard.readText()).slice(0, LONGEST_TEXT) };
}

async function readPicture(): Promise<Uint8Array | null> {
  if ('readImage' in clipboard) {
    const picture = (clipboard as unknown as EarlierClipboard).readImage();
    return picture.isEmpty() ? null : picture.toPNG();
  }
  for (const item of await clipboard.read()) {
    if (!item.types.includes('image/png')) continue;
    const picture: unknown = await item.getType('image/png');
    if (picture instanceof Blob) return new Uint8Array(await picture.arrayBuffer());
  }
  return null;
}
