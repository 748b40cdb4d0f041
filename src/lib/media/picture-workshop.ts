/** The thread that makes pictures ready; it is there while there is work, and a little longer. */
import type { PreparedPicture } from './picture.ts';
import type { PictureAnswer, PictureOrder } from './picture-worker.ts';

/** Another picture often follows; milliseconds. */
const LINGER = 20_000;

let worker: Worker | null = null;
let leaving: ReturnType<typeof setTimeout> | undefined;
let last = 0;
const waiting = new Map<number, (picture: PreparedPicture | null) => void>();

function settle({ id, picture }: PictureAnswer): void {
  waiting.get(id)?.(picture);
  waiting.delete(id);
  if (waiting.size === 0) leaving = setTimeout(dismiss, LINGER);
}
function dismiss(): void {
  worker?.terminate();
  worker = null;
}
function hire(): Worker {
  const hired = new Worker(new URL('./picture-worker.ts', import.meta.url), { type: 'module' });
  hired.addEventListener('message', ({ data }: MessageEvent<PictureAnswer>) => settle(data));
  // It broke on one of them, most likely for want of memory: none of them will come.
  hired.addEventListener('error', () => {
    dismiss();
    for (const id of [...waiting.keys()]) settle({ id, picture: null });
  });
  return hired;
}

/** @returns null when the platform cannot decode it */
export function makeReady(file: File, original: boolean): Promise<PreparedPicture | null> {
  clearTimeout(leaving);
  worker ??= hire();
  const id = (last += 1);
  const made = new Promise<PreparedPicture | null>((resolve) => waiting.set(id, resolve));
  worker.postMessage({ id, file, original } satisfies PictureOrder);
  return made;
}

/** How large a picture is when it stands upright, before anything of it is decoded; null when it is none. Pixels. */
export function pictureSize(address: string): Promise<{ width: number; height: number } | null> {
  const image = new Image();
  return new Promise((resolve) => {
    image.addEventListener('load', () => resolve({ width: image.naturalWidth, height: image.naturalHeight }));
    image.addEventListener('error', () => resolve(null));
    image.src = address;
  });
}
