/** Small real files, made here so that every test can see what is in them. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateSync } from 'node:zlib';
import ffmpeg from '@ffmpeg-installer/ffmpeg';
import { PNG } from 'pngjs';

/** The real ffmpeg of the development dependencies: one that the machine happens to have may be another. */
export const FFMPEG = ffmpeg.path;

export type Colour = readonly [red: number, green: number, blue: number];

/** A picture of one colour. */
export function png(width: number, height: number, [red, green, blue]: Colour): Buffer {
  const picture = new PNG({ width, height });
  for (let index = 0; index < width * height; index++) picture.data.set([red, green, blue, 255], index * 4);
  return PNG.sync.write(picture);
}

/** A few hundred bytes that claim to be a picture of any size. */
export function pixelBomb(width: number, height: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    pngChunk('IHDR', head),
    pngChunk('IDAT', deflateSync(Buffer.alloc(100_000))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Two seconds of a test picture with a tone, 64×48, as mp4 or webm. */
export async function video(kind: 'mp4' | 'webm' = 'mp4'): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'magpie-video-'));
  try {
    const path = join(folder, `video.${kind}`);
    const codecs = kind === 'mp4' ? ['-c:v', 'libx264', '-pix_fmt', 'yuv420p'] : ['-c:v', 'libvpx'];
    await promisify(execFile)(FFMPEG, [
      ...['-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=10:duration=2'],
      ...['-f', 'lavfi', '-i', 'sine=frequency=440:duration=2', ...codecs, path],
    ]);
    return await readFile(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A tone, as other clients record it. */
export async function voice(seconds = 1.5): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'magpie-voice-'));
  try {
    const path = join(folder, 'voice.mp4');
    const tone = ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`, '-c:a', 'aac'];
    await promisify(execFile)(FFMPEG, ['-loglevel', 'error', ...tone, path]);
    return await readFile(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(checksum(body), body.length + 4);
  return chunk;
}

/** CRC-32 as PNG has it. */
function checksum(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return (value ^ 0xffffffff) >>> 0;
}
