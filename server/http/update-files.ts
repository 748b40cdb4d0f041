/** Newer versions of the app, below `/updates/`: to everybody, as installers are. */
import { mkdirSync } from 'node:fs';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { UPDATES_PATH } from '#protocol/wire/updates';
import { updatesFolder } from '../files/update-feed.ts';

export async function registerUpdateFiles(app: FastifyInstance, dataDirectory: string): Promise<void> {
  const root = updatesFolder(dataDirectory);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  await app.register(fastifyStatic, {
    root,
    prefix: UPDATES_PATH,
    decorateReply: false,
    index: false,
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders(reply) {
      // The metadata keeps its name from release to release.
      reply.header('cache-control', 'no-cache');
      reply.header('x-content-type-options', 'nosniff');
      reply.header('content-security-policy', "default-src 'none'; sandbox");
    },
  });
}
