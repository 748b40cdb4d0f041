/**
 * The object storage behind a plain server, as far as its readers meet it: another host name with files that anybody may load, and pictures
 * out of films for the query of section 5.6, really made.
 */
import { execFile } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { FFMPEG } from '../files/samples.ts';

const HOST = '127.0.0.1';
const TYPES: Record<string, string> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.mp4': 'video/mp4',
};

export class Bucket {
  readonly #http = createServer((request, response) => void this.#answer(request, response));
  readonly #objects = new Map<string, Buffer>();
  /** Not every storage makes pictures of films: others answer with the film. */
  drawsFilms = true;
  /** What was asked for, and whether credentials came along. */
  readonly asked: { url: string; token: boolean }[] = [];

  static async start(): Promise<Bucket> {
    const bucket = new Bucket();
    await new Promise<void>((resolve) => bucket.#http.listen(0, HOST, resolve));
    return bucket;
  }

  get origin(): string {
    return `http://${HOST}:${(this.#http.address() as AddressInfo).port}`;
  }

  get keys(): string[] {
    return [...this.#objects.keys()];
  }

  put(key: string, content: Buffer): void {
    this.#objects.set(key, content);
  }

  async stop(): Promise<void> {
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  async #answer({ url = '/', method, headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    this.asked.push({ url, token: 'token' in headers || 'cookie' in headers || 'authorization' in headers });
    const { pathname, searchParams } = new URL(url, this.origin);
    const content = this.#objects.get(pathname.slice(1));
    if (content === undefined) return void response.writeHead(404).end();
    const process = searchParams.get('x-oss-process') ?? '';
    const [body, type] =
      this.drawsFilms && process.startsWith('video/snapshot')
        ? [await pictureOf(content, process), 'image/png']
        : [content, TYPES[extname(pathname)] ?? 'application/octet-stream'];
    response.writeHead(200, { 'content-type': type, 'content-length': body.length });
    response.end(method === 'HEAD' ? undefined : body);
  }
}

/** @param order such as `video/snapshot,t_20,m_fast,w_260,f_png` */
async function pictureOf(film: Buffer, order: string): Promise<Buffer> {
  const [, time = '0'] = /,t_(\d+)/u.exec(order) ?? [];
  const [, width = '0'] = /,w_(\d+)/u.exec(order) ?? [];
  const folder = await mkdtemp(join(tmpdir(), 'magpie-bucket-'));
  try {
    const path = join(folder, 'film');
    await writeFile(path, film);
    const { stdout } = await promisify(execFile)(
      FFMPEG,
      [
        ...['-loglevel', 'error', '-ss', String(Number(time) / 1000), '-i', path, '-frames:v', '1'],
        ...['-vf', `scale=${width === '0' ? '-2' : width}:-2`, '-f', 'image2pipe', '-c:v', 'png', 'pipe:1'],
      ],
      { encoding: 'buffer', maxBuffer: 16 * 1024 * 1024 },
    );
    return stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
