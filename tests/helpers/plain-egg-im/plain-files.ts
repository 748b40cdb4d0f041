/** Files of a plain server (5.6 of the protocol): E40, and what was stored, under `/public`; E41 with a bucket behind it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import type { Bucket } from './bucket.ts';
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
export const STORAGE_PATH = '/api/chat/uploadAliyun';

export class PlainFiles {
  readonly #stored = new Map<string, Buffer>();
  #count = 0;
  /** What E41 stores into; null where nobody has set one up. */
  bucket: Bucket | null = null;

  /** E40. Answers with the address; every kind of file that is not on the list is refused. */
  async take(request: IncomingMessage, folder: string): Promise<{ url: string }> {
    const { ending, content } = await this.#read(request);
    const url = `/public/uploads/Diy/${folder}/20250310/${this.#name(ending)}`;
    this.#stored.set(url, content);
    return { url };
  }

  /** E41: for all that goes wrong 400, and why. */
  async store(request: IncomingMessage): Promise<object[]> {
    try {
      const { field, ending, content } = await this.#read(request);
      if (field !== 'img') throw new Refusal(`Expected field 'img', but got '${field}'`);
      if (this.bucket === null) throw new Refusal('require accessKeyId, accessKeySecret');
      const path = `images/20250417/${this.#name(ending)}`;
      this.bucket.put(path, content);
      return [{ url: `${this.bucket.origin}/${path}`, path, image_class_id: 0, create_time: 1_744_866_732 }];
    } catch (error) {
      throw error instanceof Refusal ? new Refusal(`上传失败: ${error.message}`) : error;
    }
  }

  #name(ending: string): string {
    return `${1_710_038_202_074 + this.#count++}_7${ending}`;
  }

  async #read(request: IncomingMessage): Promise<{ field: string; ending: string; content: Buffer }> {
    const parser = new Busboy({ headers: request.headers as BusboyHeaders });
    const file = new Promise<{ field: string; name: string; content: Buffer }>((resolve, reject) => {
      let found = false;
      parser.once('file', (field, stream, name) => {
        found = true;
        buffer(stream).then((content) => resolve({ field, name, content }), reject);
      });
      parser.once('finish', () => {
        if (!found) reject(new Refusal("Can't found upload file"));
      });
      parser.once('error', reject);
    });
    request.pipe(parser);
    const { field, name, content } = await file;
    const ending = extname(name).toLowerCase();
    if (!TAKEN.has(ending)) throw new Refusal(`Invalid filename: ${name}`);
    return { field, ending, content };
  }

  /** False when there is no such file. */
  answer(path: string, response: ServerResponse): boolean {
    const content = this.#stored.get(path);
    if (content === undefined) return false;
    const type =
      {
        '.png': 'image/png',
        '.jpg': 'image/jpeg',
        '.webp': 'image/webp',
        '.mp4': 'video/mp4',
        '.mp3': 'audio/mpeg',
      }[extname(path)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'content-length': content.length }).end(content);
    return true;
  }
}
