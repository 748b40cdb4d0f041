/** Files of a plain server (5.6 of the protocol): E40, and what was stored, under `/public`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import { Refusal } from './refusal.ts';

/** By the name alone, as the original does it. */
const TAKEN = new Set(
  (
    'jpg jpeg png gif bmp wbmp webp tif psd svg js jsx json css less html htm xml zip gz tgz gzip mp3 mp4 avi ' +
    'xls xlsx txt doc docx pdf'
  )
    .split(' ')
    .map((ending) => `.${ending}`),
);

export const UPLOAD_PATH = '/api/chat/uploadStreamSingleToServerDiy/';

export class PlainFiles {
  readonly #stored = new Map<string, Buffer>();

  /** Answers with the address; every kind of file that is not on the list is refused. */
  async take(request: IncomingMessage, folder: string): Promise<{ url: string }> {
    const parser = new Busboy({ headers: request.headers as BusboyHeaders });
    const file = new Promise<{ name: string; content: Buffer }>((resolve, reject) => {
      let found = false;
      parser.once('file', (_field, stream, name) => {
        found = true;
        buffer(stream).then((content) => resolve({ name, content }), reject);
      });
      parser.once('finish', () => {
        if (!found) reject(new Refusal("Can't found upload file"));
      });
      parser.once('error', reject);
    });
    request.pipe(parser);
    const { name, content } = await file;
    const ending = extname(name).toLowerCase();
    if (!TAKEN.has(ending)) throw new Refusal(`Invalid filename: ${name}`);
    const url = `/public/uploads/Diy/${folder}/20250310/${1_710_038_202_074 + this.#stored.size}_7${ending}`;
    this.#stored.set(url, content);
    return { url };
  }

  /** False when there is no such file. */
  answer(path: string, response: ServerResponse): boolean {
    const content = this.#stored.get(path);
    if (content === undefined) return false;
    const type = { '.mp4': 'video/mp4', '.mp3': 'audio/mpeg' }[extname(path)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'content-length': content.length }).end(content);
    return true;
  }
}
