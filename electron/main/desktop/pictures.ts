import { nativeImage, type NativeImage } from 'electron';
import type { Conversation } from '#protocol/model/conversation';
import appIcon from '../../../resources/icons/64x64.png?asset';
import { loadPicture, type PictureSources } from '../media/avatar-handler.ts';
import type { Picture } from './notifier.ts';
import { partsOf } from './places.ts';

const SIZE = 64;
const KEPT = 50;
/** A notification does not wait longer than this for its picture (milliseconds). */
const PATIENCE = 300;

/** Avatars as the desktop wants them: small, square, decoded. */
export function createPictures(serverOrigin: (accountKey: string) => string | null, sources: PictureSources) {
  const known = new Map<string, Picture | null>();
  let own: Picture | null = null;

  const load = async (accountKey: string, address: string): Promise<Picture | null> => {
    const origin = serverOrigin(accountKey);
    if (origin === null || !isOf(origin, address)) return null;
    const answer = await loadPicture(address, sources);
    return answer === null ? null : toPicture(nativeImage.createFromBuffer(Buffer.from(answer.bytes)));
  };

  return {
    /** The avatar of a conversation whose id is its {@link Place}, or the app's own icon where there is none or it does not come in time. */
    async of({ id, avatars }: Conversation): Promise<Picture | null> {
      own ??= toPicture(nativeImage.createFromPath(appIcon));
      const [address = ''] = avatars;
      if (address === '') return own;
      let picture = known.get(address);
      if (picture === undefined) {
        const loading = load(partsOf(id).accountKey, address)
          .catch(() => null)
          .then((loaded) => {
            known.set(address, loaded);
            const oldest = known.keys().next().value;
            if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
            return loaded;
          });
        let timer: NodeJS.Timeout | undefined;
        const patience = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), PATIENCE)));
        picture = await Promise.race([loading, patience]);
        clearTimeout(timer);
      }
      return picture ?? own;
    },
  };
}

function isOf(origin: string, address: string): boolean {
  try {
    const url = new URL(address);
    return url.origin === origin && url.username === '' && url.password === '';
  } catch {
    return false;
  }
}

function toPicture(image: NativeImage): Picture | null {
  if (image.isEmpty()) return null;
  const { width, height } = image.getSize();
  const edge = Math.min(width, height);
  const square = image
    .crop({
      x: Math.floor((width - edge) / 2),
      y: Math.floor((height - edge) / 2),
      width: edge,
      height: edge,
    })
    .resize({ width: SIZE, height: SIZE, quality: 'best' });
  const rgba = square.toBitmap();
  // Electron's bitmaps are BGRA.
  for (let at = 0; at < rgba.length; at += 4) {
    const blue = rgba[at] ?? 0;
    rgba[at] = rgba[at + 2] ?? 0;
    rgba[at + 2] = blue;
  }
  return { size: SIZE, rgba, png: square.toPNG() };
}
