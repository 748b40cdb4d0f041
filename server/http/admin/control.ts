/** The command line of a running server: `POST /admin/command` with the token of its control file. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { runAdminCommand } from '../../domain/admin-commands.ts';
import type { Administration } from '../../domain/administration.ts';

export function registerControl(
  app: FastifyInstance,
  administration: Administration,
  options: {
    isAllowed: (request: FastifyRequest) => boolean;
    addressOf: (request: FastifyRequest) => string;
  },
): void {
  app.post('/admin/command', async (request, reply) => {
    reply.header('cache-control', 'no-store').removeHeader('access-control-allow-origin');
    if (!options.isAllowed(request)) return reply.code(403).send({ ok: false, problem: 'not allowed' });
    const { name, fields } = (request.body ?? {}) as { name?: unknown; fields?: unknown };
    const actor = { id: null, name: 'command line', address: options.addressOf(request) };
    return reply.send(await runAdminCommand(administration, actor, String(name), fields ?? {}));
  });
}
