/** Dictionaries for the spell checking of the app, from a folder that an administrator fills. */
import { createReadStream, mkdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { isDictionary } from '#protocol/wire/dictionaries';

const DAY = 'public, max-age=86400';

/**
 * `GET /dictionaries/` lists the files of `<data>/dictionaries`, and each is there by its name, in capitals or not:
 * Chromium asks for `en-us-10-1.bdic` where the file is called `en-US-10-1.bdic`.
 */
export function registerDictionaries(app: FastifyInstance, dataDirectory: string): void {
  const root = join(dataDirectory, 'dictionaries');
  mkdirSync(root, { recursive: true });
  const files = async () => (await readdir(root)).filter(isDictionary).sort();

  app.get('/dictionaries/', async (_request, reply) =>
    reply.header('cache-control', 'no-cache').send({ files: await files() }),
  );
  app.get<{ Params: { name: string } }>('/dictionaries/:name', async (request, reply) => {
    const wanted = request.params.name.toLowerCase();
    const found = (await files()).find((name) => name.toLowerCase() === wanted);
    if (found === undefined) return reply.callNotFound();
    return reply
      .header('cache-control', DAY)
      .header('x-content-type-options', 'nosniff')
      .type('application/octet-stream')
      .send(createReadStream(join(root, found)));
  });
}
