/** Backups for the command line of a running server: begin one, and look how far it is. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Backups } from '../../backup/backups.ts';

const order = z.strictObject({
  place: z.string().min(1),
  keep: z.number().int().min(0).max(10_000).optional(),
});

/** How the last backup that the command line began has ended. */
type Outcome =
  { state: 'running' } | { state: 'made'; path: string } | { state: 'failed'; message: string } | null;

export function registerBackupControl(
  app: FastifyInstance,
  backups: Backups,
  isAllowed: (request: FastifyRequest) => boolean,
): void {
  let outcome: Outcome = null;

  const guarded =
    (answer: (request: FastifyRequest) => unknown) =>
    async (request: FastifyRequest, reply: FastifyReply) => {
      reply.header('cache-control', 'no-store').removeHeader('access-control-allow-origin');
      if (!isAllowed(request)) return reply.code(403).send({ ok: false, problem: 'not allowed' });
      return reply.send(await answer(request));
    };

  app.post(
    '/admin/backup',
    guarded(async (request) => {
      const wanted = order.safeParse(request.body);
      if (!wanted.success) return { ok: false, problem: 'not usable' };
      if (outcome?.state === 'running' || (await backups.state()).running !== null) {
        return { ok: false, problem: 'a backup is being made; try again when it is done' };
      }
      outcome = { state: 'running' };
      backups.make(wanted.data).then(
        ({ path }) => (outcome = { state: 'made', path }),
        (error: unknown) =>
          (outcome = { state: 'failed', message: error instanceof Error ? error.message : String(error) }),
      );
      return { ok: true };
    }),
  );
  app.post(
    '/admin/backup-state',
    guarded(async () => ({ ok: true, outcome, ...(await backups.state()) })),
  );
}
