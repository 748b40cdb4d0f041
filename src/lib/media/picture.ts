/** Pictures before they are sent: upright, without the place where they were taken, with a small version and a hint of it. */

export interface PreparedPicture {
  /** Null when the file is sent as it is. */
  file: File | null;
  /** Missing when the picture itself is small enough to be shown at once. */
  thumb: File | null;
  width: number;
  height: number;
  /** Data address of a tiny version. */
  preview: string;
}

/** Longest side of a compressed picture and of its small version, pixels. */
const LONGEST_SIDE = 2560;
const THUMB_SIDE = 720;
const PREVIEW_SIDE = 20;

/** Below this a picture is its own small version, bytes. */
const THUMB_FROM = 150_000;

/** Bytes in which a format says whether it is animated. */
const HEAD = 512 * 1024;

/** What the platform decodes and every receiver can draw. */
const PICTURE = /^image\/(png|apng|jpeg|gif|webp|avif|bmp)$/u;

/** Pictures of phones, which some platforms decode; systems often do not know the type. */
const PHONE_PICTURE = { type: /^image\/hei[cf]$/u, name: /\.(?:heic|heif|hif)$/iu };

/** It is worth a try: what cannot be decoded after all goes as a file. */
export function isPicture({ name, type }: { readonly name: string; readonly type: string }): boolean {
  return PICTURE.test(type) || isPhonePicture(name, type);
}

export function isPhonePicture(name: string, mime: string): boolean {
  return PHONE_PICTURE.type.test(mime) || PHONE_PICTURE.name.test(name);
}

/**
 * @param original keep the bytes as they are, with all that a camera wrote into them
 * @throws when the platform cannot decode it: send it as a file then
 */
export async function preparePicture(file: File, original: boolean): Promise<PreparedPicture> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  try {
    const { width, height } = bitmap;
    const sent = original || !(await mustRedraw(file, bitmap)) ? file : await redraw(file, bitmap);
    const thumb = sent.size > THUMB_FROM ? await smaller(bitmap, THUMB_SIDE, file.name) : null;
    const scale = sent === file ? 1 : Math.min(1, LONGEST_SIDE / Math.max(width, height));
    return {
      file: sent === file ? null : sent,
      thumb,
      width: Math.round(width * scale),
      height: Math.round(height * scale),
      preview: await dataAddress(await draw(bitmap, PREVIEW_SIDE, 'image/webp', 0.4)),
    };
  } finally {
    bitmap.close();
  }
}

/** Too large, or with metadata inside: both are lost by drawing it anew. Animations are left as they are. */
async function mustRedraw(file: File, { width, height }: ImageBitmap): Promise<boolean> {
  if (await isAnimation(file)) return false;
  // All of it: WebP has its metadata behind the picture, and PNG may.
  const text = await readText(file);
  if (isPhonePicture(file.name, file.type)) return true;
  const hasMetadata = /Exif\0\0|eXIf|EXIF|<x:xmpmeta|http:\/\/ns\.adobe\.com\/xap/u.test(text);
  return hasMetadata || Math.max(width, height) > LONGEST_SIDE || file.type === 'image/bmp';
}

const readText = async (part: Blob): Promise<string> =>
  new TextDecoder('latin1').decode(await part.arrayBuffer());

/** One that may move; drawn anew it would stand still. */
async function isAnimation(file: File): Promise<boolean> {
  if (file.type === 'image/gif') return true;
  if (file.type === 'image/avif') {
    // The first box, which begins with its length, names what the file is; sequences have a name of their own.
    const length = new DataView(await file.slice(0, 4).arrayBuffer()).getUint32(0);
    return (await readText(file.slice(8, Math.min(length, HEAD)))).includes('avis');
  }
  const mark = file.type === 'image/webp' ? 'ANIM' : /^image\/a?png$/u.test(file.type) ? 'acTL' : null;
  return mark !== null && (await readText(file.slice(0, HEAD))).includes(mark);
}

/** Lossless stays lossless: drawings and screenshots have hard edges, and may be transparent. */
const REDRAWN_AS: Readonly<Record<string, string>> = {
  'image/bmp': 'image/png',
  'image/apng': 'image/png',
  'image/avif': 'image/webp',
};

async function redraw(file: File, bitmap: ImageBitmap): Promise<File> {
  const { type } = file;
  const wanted = REDRAWN_AS[type] ?? (isPhonePicture(file.name, type) ? 'image/jpeg' : type);
  const blob = await draw(bitmap, LONGEST_SIDE, wanted, 0.88);
  return new File([blob], renamed(file.name, blob.type), { type: blob.type });
}

async function smaller(bitmap: ImageBitmap, side: number, name: string): Promise<File> {
  const blob = await draw(bitmap, side, 'image/webp', 0.8);
  return new File([blob], renamed(`small-${name}`, blob.type), { type: blob.type });
}

/** Draws a picture so that its longer side is at most `side` pixels. */
export async function draw(
  source: ImageBitmap | HTMLVideoElement,
  side: number,
  type: string,
  quality: number,
): Promise<Blob> {
  const [width, height] =
    'videoWidth' in source ? [source.videoWidth, source.videoHeight] : [source.width, source.height];
  const scale = Math.min(1, side / Math.max(width, height));
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(width * scale)),
    Math.max(1, Math.round(height * scale)),
  );
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no room to draw');
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type, quality });
}

export async function dataAddress(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return `data:${blob.type};base64,${btoa(binary)}`;
}

function renamed(name: string, type: string): string {
  const ending = type === 'image/jpeg' ? 'jpg' : (type.split('/')[1] ?? 'png');
  return `${name.replace(/\.[^.]*$/u, '')}.${ending}`;
}

/** Longest side of a picture on a card, pixels. */
const CARD_SIDE = 192;

/**
 * A picture of somewhere, drawn anew: nothing but its look is left of it.
 * @returns a data address, or nothing when it cannot be decoded or does not become short enough
 */
export async function drawForCard(picture: Blob, most: number): Promise<string> {
  const bitmap = await createImageBitmap(picture).catch(() => null);
  if (bitmap === null) return '';
  try {
    for (const quality of [0.75, 0.4]) {
      const address = await dataAddress(await draw(bitmap, CARD_SIDE, 'image/webp', quality));
      if (address.length <= most) return address;
    }
    return '';
  } finally {
    bitmap.close();
  }
}

/** Longest side of a sticker, pixels. */
const STICKER_SIDE = 512;

/** A sticker out of any picture; animations stay as they are. @throws when the platform cannot decode it */
export async function drawSticker(picture: File): Promise<{ file: File; width: number; height: number }> {
  const bitmap = await createImageBitmap(picture, { imageOrientation: 'from-image' });
  try {
    const scale = Math.min(1, STICKER_SIDE / Math.max(bitmap.width, bitmap.height));
    const [width, height] = [bitmap.width, bitmap.height].map((side) =>
      Math.max(1, Math.round(side * scale)),
    );
    const file = (await isAnimation(picture)) ? picture : await asSticker(bitmap, picture.name);
    return { file, width: width ?? 1, height: height ?? 1 };
  } finally {
    bitmap.close();
  }
}

async function asSticker(bitmap: ImageBitmap, name: string): Promise<File> {
  const blob = await draw(bitmap, STICKER_SIDE, 'image/png', 1);
  return new File([blob], renamed(name, blob.type), { type: blob.type });
}
