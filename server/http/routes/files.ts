/** E40 to E42, files in pieces, and downloads. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { wantedBytes, type WantedBytes } from '#protocol/wire/byte-range';
import { SERVER_TEXTS } from '#protocol/wire/envelope';
import { UPLOADS_PATH } from '#protocol/wire/uploads';
import type { ServerConfig } from '../../config.ts';
import type { Domain } from '../../domain/domain.ts';
import { IMAGES, folderPlace } from '../../domain/file-names.ts';
import { dispositionOf } from '../../files/disposition.ts';
import type { FoundFile } from '../../domain/files.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { Caller } from '../../domain/sessions.ts';
import { TOO_OFTEN } from '../../domain/throttle.ts';
import { answer } from '../answers.ts';
import { accountIdOf, callerOf } from '../authentication.ts';
import { readFilePart } from '../multipart.ts';
import {
  clientId,
  oneOf,
  optional,
  readParameters,
  strictInteger,
  text,
  ValidationFailure,
} from '../parameters.ts';
import type { Routing } from '../routing.ts';

/** After a refusal the rest of a body is read and forgotten, so that its sender sees the answer; up to so many bytes. */
const PATIENCE = 128 * 1024 * 1024;

const PROCESS = 'x-oss-process';

const LARGEST = Number.MAX_SAFE_INTEGER;
const YEAR = 31_536_000;

export async function registerFileRoutes(
  app: FastifyInstance,
  routing: Routing,
  { files, sessions }: Domain,
  config: Pick<ServerConfig, 'uploadsPerAccount' | 'trustProxy'>,
): Promise<void> {
  const running = new Map<number, number>();

  /** Runs an upload within the limit of its account; whatever goes wrong, its sender gets to read the answer. */
  async function upload(
    request: FastifyRequest,
    reply: FastifyReply,
    run: (caller: Caller) => Promise<unknown>,
  ): Promise<FastifyReply> {
    const caller = callerOf(request);
    const { id } = caller.account;
    const count = running.get(id) ?? 0;
    try {
      if (count >= config.uploadsPerAccount) {
        throw new Refusal(TOO_OFTEN, { status: 429, retryAfter: 1 });
      }
      running.set(id, count + 1);
      try {
        return answer(reply, await run(caller));
      } finally {
        const left = (running.get(id) ?? 1) - 1;
        if (left === 0) running.delete(id);
        else running.set(id, left);
      }
    } catch (error) {
      throw understood(error, request);
    } finally {
      forgetRest(request);
    }
  }

  // These routes read their bodies themselves.
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined));
    const options = { config: { upload: true } };

    scope.post('/api/chat/uploadStreamSingleToServerDiy/:diydir', options, (request, reply) =>
      upload(request, reply, async ({ account }) => {
        const folder = folderPlace((request.params as { diydir: string }).diydir);
        if (folder === undefined) throw new Refusal(SERVER_TEXTS.unknownPath, { status: 404 });
        const path = await readFilePart(request.raw, ({ fileName, content }) => {
          files.checkName(fileName);
          return files.add(account, { folder, fileName, content });
        });
        return { url: `/${path}` };
      }),
    );

    scope.post('/api/chat/uploadAliyun', options, (request, reply) =>
      upload(request, reply, async ({ account }) => {
        try {
          const path = await readFilePart(request.raw, ({ field, fileName, content }) => {
            if (field !== 'img') throw new Refusal(`Expected field 'img', but got '${field}'`);
            files.checkName(fileName);
            return files.add(account, { folder: IMAGES, fileName, content });
          });
          const classId = Number((request.query as { imageClassId?: string }).imageClassId ?? 0);
          return [
            {
              url: files.publicAddress(path) ?? `${originOf(request, config.trustProxy)}/${path}`,
              path,
              image_class_id: Number.isInteger(classId) ? classId : 0,
              create_time: Math.floor(Date.now() / 1000),
            },
          ];
        } catch (error) {
          // This one answers 400 to everything, and says what failed.
          throw error instanceof Refusal ? new Refusal(`上传失败: ${error.message}`) : error;
        }
      }),
    );

    scope.put(`${UPLOADS_PATH}/:id`, options, (request, reply) =>
      upload(request, reply, ({ account }) => {
        const { id, offset } = readParameters(
          { id: clientId('id'), offset: strictInteger('offset', [0, LARGEST], 0) },
          { path: request.params, query: request.query, body: undefined },
        );
        return files.append(account, id ?? '', offset, request.raw);
      }),
    );
  });

  routing.signedIn(
    'POST',
    'uploads',
    {
      id: clientId('id'),
      name: text('name', [1, 1000]),
      size: strictInteger('size', [0, LARGEST], -1),
      sha256: text('sha256', [64, 64]),
      folder: text('folder', [1, 100]),
      place: optional(oneOf('place', ['server', 'object-storage']), 'server'),
    },
    ({ account, values: { id, ...values } }) => {
      if (id === null) throw new ValidationFailure('id不能为空');
      if (values.size < 0) throw new ValidationFailure('size不能为空');
      if (!/^[0-9a-f]{64}$/.test(values.sha256))
        throw new ValidationFailure('sha256 的值 的类型不是 `sha256`');
      if (folderPlace(values.folder) === undefined)
        throw new ValidationFailure('folder 的值 的类型不是 `folder`');
      const place = values.place === 'object-storage' ? values.place : 'server';
      return files.begin(account, { ...values, place, uploadId: id });
    },
  );
  app.delete(`${UPLOADS_PATH}/:id`, async (request, reply) => {
    await files.giveUp(callerOf(request).account, (request.params as { id: string }).id);
    return answer(reply, 'ok');
  });

  routing.signedIn('POST', 'getVideoScreenshot', {}, async ({ account, request }) => {
    const order = coverOrder(request.body);
    const { image, path } = await files.cover(account, order);
    const { format, echo } = order;
    return {
      base64: `data:image/${format};base64,${image.toString('base64')}`,
      url: `/${path}`,
      format,
      ...echo,
    };
  });

  for (const url of ['/public/uploads/*', `/${IMAGES}/*`]) {
    app.route({
      method: ['GET', 'HEAD'],
      url,
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        const path = `${url.slice(1, -1)}${(request.params as { '*': string })['*']}`;
        const file = await files.find(path, await accountIdOf(request, sessions));
        // Whether it exists is none of a stranger's business.
        if (file === undefined) throw new Refusal(SERVER_TEXTS.unknownPath, { status: 404 });
        const drawn = processedAt(files.publicAddress(path), request);
        if (drawn !== null)
          return reply.code(302).headers({ location: drawn, 'cache-control': 'no-store' }).send();
        const disposition = dispositionOf(file);
        // What the file is and that it is there is told by us; only its bytes come from elsewhere.
        const elsewhere = request.method === 'GET' ? await files.signedAddress(file, disposition) : null;
        if (elsewhere !== null)
          return reply.code(302).headers({ location: elsewhere, 'cache-control': 'no-store' }).send();
        return download(request, reply, file, (range) => files.read(file, range));
      },
    });
  }
}

async function download(
  request: FastifyRequest,
  reply: FastifyReply,
  file: FoundFile,
  read: (range?: { start: number; end: number }) => Promise<NodeJS.ReadableStream>,
): Promise<FastifyReply> {
  const tag = `"${file.sha256}"`;
  reply.headers({
    'accept-ranges': 'bytes',
    'cache-control': `${file.byLink ? 'public' : 'private'}, max-age=${YEAR}, immutable`,
    'content-type': file.mime,
    'content-disposition': dispositionOf(file),
    // People upload these: a browser must neither guess a type nor run what is inside.
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    etag: tag,
  });
  if (knows(request.headers['if-none-match'], tag)) return reply.code(304).send();
  const wanted = wantedOf(request, file.size, tag);
  if (wanted === 'unsatisfiable') {
    reply.code(416).headers({ 'content-range': `bytes */${file.size}`, 'cache-control': 'no-store' });
    return reply.type('text/plain').send('');
  }
  if (wanted === 'all') {
    reply.header('content-length', file.size);
    return request.method === 'HEAD' ? reply.send() : reply.send(await read());
  }
  reply.code(206).headers({
    'content-range': `bytes ${wanted.start}-${wanted.end}/${file.size}`,
    'content-length': wanted.end - wanted.start + 1,
  });
  return reply.send(await read(wanted));
}

/** The covers that an object storage makes out of films (`x-oss-process`) are there alone; nothing else of the query goes along. */
function processedAt(address: string | null, { query }: FastifyRequest): string | null {
  const order = (query as Record<string, unknown>)[PROCESS];
  return address === null || typeof order !== 'string'
    ? null
    : `${address}?${new URLSearchParams({ [PROCESS]: order }).toString()}`;
}

/** Ranges are for `GET` alone, and a part of what the asker has another version of would fit nothing. */
function wantedOf({ method, headers }: FastifyRequest, size: number, tag: string): WantedBytes {
  const ifRange = headers['if-range'];
  if (method !== 'GET' || (ifRange !== undefined && ifRange !== tag)) return 'all';
  return wantedBytes(headers.range, size);
}

/** Does the asker have this already? Tags are compared weakly, as the standard wants it for this header. */
function knows(ifNoneMatch: string | undefined, tag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((one) => one.trim().replace(/^W\//u, ''));
  return tags.includes(tag) || tags.includes('*');
}

/** Sentences as the recorded answers have them, for a body of JSON or of a form. */
function coverOrder(body: unknown) {
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const { videoUrl, time, width, format } = fields;
  if (typeof videoUrl !== 'string' || videoUrl === '') throw new Refusal('视频地址不能为空');
  const milliseconds = time === undefined || time === '' ? NaN : Number(time);
  if (!(milliseconds >= 0 && milliseconds <= 86_400_000)) throw new Refusal('时间点参数无效');
  const pixels = width === undefined || width === '' ? 0 : Number(width);
  if (!Number.isInteger(pixels) || pixels < 0 || pixels > 3840) throw new Refusal('图片宽度应在1-3840之间');
  return {
    videoUrl,
    time: milliseconds,
    width: pixels === 0 ? null : pixels,
    format: format === 'jpg' ? 'jpg' : 'png',
    echo: { time, width: pixels === 0 ? '原始宽度' : width },
  };
}

function understood(error: unknown, { raw }: FastifyRequest): unknown {
  if (error instanceof Refusal || error instanceof ValidationFailure) return error;
  // The line is gone: nobody reads an answer, and it is no fault of ours.
  if (raw.destroyed && !raw.complete) return new Refusal('Bad Request');
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') return new Refusal('服务器空间不足', { status: 507 });
  return error;
}

function forgetRest({ raw }: FastifyRequest): void {
  if (raw.complete || raw.destroyed) return;
  let bytes = 0;
  raw.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > PATIENCE) raw.destroy();
  });
  raw.resume();
}

function originOf(request: FastifyRequest, trustProxy: boolean): string {
  const forwarded = request.headers['x-forwarded-proto'];
  // Fastify is told of no proxy: its own word is about the socket.
  const scheme = trustProxy && forwarded === 'https' ? 'https' : request.protocol;
  return `${scheme}://${request.headers.host ?? ''}`;
}
