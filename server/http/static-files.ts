/** Files under `/public`: pictures every server has, and what the data folder holds. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { DEFAULT_IMAGES } from '../files/default-images.ts';

const CACHE = 'public, max-age=31536000';

export async function registerStaticFiles(app: FastifyInstance, dataDirectory: string): Promise<void> {
  const root = join(dataDirectory, 'public');
  mkdirSync(root, { recursive: true });
  await app.register(fastifyStatic, {
    root,
    prefix: '/public/',
    decorateReply: false,
    index: false,
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders(reply) {
      reply.header('cache-control', CACHE);
      // People upload these: a browser must neither guess a type nor run what is inside.
      reply.header('x-content-type-options', 'nosniff');
      reply.header('content-security-policy', "default-src 'none'; sandbox");
    },
  });
  for (const [path, image] of DEFAULT_IMAGES) {
    app.get(path, (_request, reply) => reply.type('image/png').header('cache-control', CACHE).send(image));
  }
}
