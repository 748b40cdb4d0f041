/** The stickers that come with Magpie, drawn in `resources/stickers`. */
const pictures = import.meta.glob<string>('../../assets/stickers/*.png', {
  eager: true,
  query: '?url',
  import: 'default',
});

export const STICKER_NAMES = [
  'hello',
  'great',
  'laugh',
  'love',
  'thanks',
  'party',
  'cry',
  'angry',
  'sleep',
  'what',
  'coffee',
  'busy',
] as const;
export type StickerName = (typeof STICKER_NAMES)[number];

/** Pixels of each side. */
export const STICKER_SIDE = 256;

export function stickerAddress(name: StickerName): string {
  return pictures[`../../assets/stickers/${name}.png`] ?? '';
}
