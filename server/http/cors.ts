/** Open to every origin (section 1): tokens travel in headers, never in cookies. */
import type { FastifyInstance } from 'fastify';

const METHODS = 'GET,PUT,POST,DELETE,PATCH';

export function registerCors(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('access-control-allow-origin', '*');
    const isPreflight =
      request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
    if (!isPreflight) return;
    const asked = request.headers['access-control-request-headers'];
    reply.header('access-control-allow-methods', METHODS);
    if (asked !== undefined) reply.header('access-control-allow-headers', asked);
    await reply.code(204).send();
  });
}
