/** The commands of `npm run server -- admin …`, the same whether the server runs or not. */
import { z } from 'zod';
import { AdminRefusal } from './administration.ts';
import type { Actor, Administration } from './administration.ts';

const username = z.string().min(1);
const rows = {
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(50),
};

interface Command<Fields extends z.ZodRawShape> {
  /** Names of the arguments without a flag, in order. */
  positional: readonly string[];
  fields: z.ZodObject<Fields>;
  run(administration: Administration, actor: Actor, fields: z.infer<z.ZodObject<Fields>>): Promise<unknown>;
}

function command<Fields extends z.ZodRawShape>(
  positional: readonly string[],
  fields: Fields,
  run: Command<Fields>['run'],
): Command<z.ZodRawShape> {
  return { positional, fields: z.strictObject(fields), run } as unknown as Command<z.ZodRawShape>;
}

const STATUS = { pending: 0, working: 1, done: 2, closed: 3 } as const;

export const ADMIN_COMMANDS: Readonly<Record<string, Command<z.ZodRawShape>>> = {
  status: command([], {}, async (administration) => ({
    ...(await administration.counts()),
    connections: (await administration.connections()).length,
    file_bytes: await administration.fileBytes(),
    needs_setup: await administration.needsSetup(),
  })),
  accounts: command(
    ['query'],
    { query: z.string().default(''), ...rows },
    async (administration, _actor, fields) =>
      (await administration.accounts(fields.query, fields)).map(
        ({ id, username: name, nickname, role, status, administrator }) => ({
          id,
          username: name,
          nickname,
          role,
          status,
          administrator,
        }),
      ),
  ),
  create: command(
    ['username'],
    { username, password: z.string().default(''), administrator: z.boolean().default(false) },
    (administration, actor, order) => administration.createAccount(actor, order),
  ),
  disable: command(['username'], { username }, (administration, actor, fields) =>
    administration.setDisabled(actor, fields.username, true),
  ),
  enable: command(['username'], { username }, (administration, actor, fields) =>
    administration.setDisabled(actor, fields.username, false),
  ),
  remove: command(['username'], { username }, (administration, actor, fields) =>
    administration.removeAccount(actor, fields.username),
  ),
  'reset-password': command(
    ['username'],
    { username, password: z.string().default('') },
    async (administration, actor, fields) => ({
      password: await administration.resetPassword(actor, fields.username, fields.password),
    }),
  ),
  grant: command(['username'], { username }, (administration, actor, fields) =>
    administration.setAdministrator(actor, fields.username, true),
  ),
  revoke: command(['username'], { username }, (administration, actor, fields) =>
    administration.setAdministrator(actor, fields.username, false),
  ),
  groups: command([], rows, (administration, _actor, fields) => administration.groups(fields)),
  dissolve: command(['id'], { id: z.coerce.number().int() }, (administration, actor, fields) =>
    administration.dissolveGroup(actor, fields.id),
  ),
  complaints: command(
    [],
    { all: z.boolean().default(false), ...rows },
    async (administration, _actor, fields) =>
      (await administration.complaints(!fields.all, fields)).map(
        ({ id, userId, targetType, targetId, reason, status }) => ({
          id,
          author: userId,
          about: `${targetType} ${targetId}`,
          reason,
          status,
        }),
      ),
  ),
  complaint: command(['id'], { id: z.coerce.number().int() }, async (administration, actor, fields) => {
    const { complaint, author } = await administration.complaint(actor, fields.id);
    return { ...complaint, author: author?.username };
  }),
  process: command(
    ['id'],
    {
      id: z.coerce.number().int(),
      status: z.enum(['pending', 'working', 'done', 'closed']),
      reply: z.string().default(''),
    },
    (administration, actor, { id, status, reply }) =>
      administration.processComplaint(actor, id, { status: STATUS[status], reply }),
  ),
  connections: command([], {}, (administration) => administration.connections()),
  close: command(['id'], { id: z.coerce.number().int() }, (administration, actor, fields) =>
    administration.closeConnection(actor, fields.id),
  ),
  // The command line has put the release into the data folder by then (`admin/command-line.ts`); this is its trace.
  'publish-update': command(
    ['folder'],
    { folder: z.string().min(1), version: z.string(), files: z.array(z.string()) },
    async (administration, actor, { version, files }) => {
      await administration.updatePublished(actor, version, files);
      return { version, files };
    },
  ),
  audit: command([], rows, (administration, _actor, fields) => administration.audit(fields)),
};

export type CommandOutcome = { ok: true; result: unknown } | { ok: false; problem: string };

/** Runs a command by its name. Never throws for what an operator can do wrong. */
export async function runAdminCommand(
  administration: Administration,
  actor: Actor,
  name: string,
  given: unknown,
): Promise<CommandOutcome> {
  const known = Object.hasOwn(ADMIN_COMMANDS, name) ? ADMIN_COMMANDS[name] : undefined;
  if (known === undefined) return { ok: false, problem: `unknown command "${name}"` };
  const fields = known.fields.safeParse(given);
  if (!fields.success) {
    const issue = fields.error.issues[0];
    return { ok: false, problem: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not usable'}` };
  }
  try {
    return { ok: true, result: (await known.run(administration, actor, fields.data)) ?? null };
  } catch (error) {
    if (error instanceof AdminRefusal) return { ok: false, problem: error.problem };
    throw error;
  }
}
