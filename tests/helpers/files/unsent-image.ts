import type { ImageContent } from '#protocol/model/message';

/** A picture at an address, as it was chosen or as it was made ready for sending. */
export function unsentImage(url: string, unprepared = true): ImageContent {
  return {
    kind: 'image',
    text: '',
    file: { url, name: 'a.jpg', size: 1, mime: 'image/jpeg' },
    ...{ thumb: '', width: 1, height: 1, preview: '' },
    ...(unprepared ? { unprepared: 'compress' } : {}),
  };
}
