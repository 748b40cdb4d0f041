/** Makes pictures ready beside the page, one after the other: a photo of a camera takes some fifty megabytes while it is drawn. */
import { preparePicture, type PreparedPicture } from './picture.ts';

export interface PictureOrder {
  id: number;
  file: File;
  original: boolean;
}
/** Null: it cannot be decoded. */
export interface PictureAnswer {
  id: number;
  picture: PreparedPicture | null;
}

let turn: Promise<void> = Promise.resolve();
addEventListener('message', ({ data }: MessageEvent<PictureOrder>) => {
  turn = turn.then(async () => {
    const picture = await preparePicture(data.file, data.original).catch(() => null);
    postMessage({ id: data.id, picture } satisfies PictureAnswer);
  });
});
