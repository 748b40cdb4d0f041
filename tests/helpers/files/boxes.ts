/** Pieces of binary files. */

export const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
export const text = (latin1: string) => Buffer.from(latin1, 'latin1');

export function u32(value: number, order: 'LE' | 'BE'): Buffer {
  const buffer = Buffer.alloc(4);
  if (order === 'LE') buffer.writeUInt32LE(value);
  else buffer.writeUInt32BE(value);
  return buffer;
}

/** A box as MP4, HEIC and AVIF are made of. */
export function box(type: string, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([u32(body.length + 8, 'BE'), text(type), body]);
}
