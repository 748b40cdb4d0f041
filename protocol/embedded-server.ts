/** What the app and the server inside it say to each other over their private channel. */
import { z } from 'zod';
import type { BackupState, ConnectedDevice, FoundBackup } from './model/office.ts';

const backupPlan = z.object({
  /** Null: nowhere. */
  place: z.string().nullable(),
  everyHours: z.number().min(0),
  keep: z.number().int().min(0),
});

const officeOrder = z.object({
  /** Address to listen on; null for all of this machine. */
  host: z.string().nullable(),
  /** The wished port. */
  port: z.number().int().min(0).max(65_535),
  name: z.string(),
  /** `off`, or addresses of interfaces; null for all. */
  mdns: z.union([z.literal('off'), z.array(z.string())]).nullable(),
});

/** The questions, by name. */
export const serverQuestions = {
  'open-office': officeOrder,
  'rename-office': z.object({ name: z.string() }),
  'close-office': z.null(),
  connections: z.null(),
  'backup-state': z.null(),
  'plan-backups': backupPlan,
  'make-backup': z.null(),
} as const;

export interface ServerAnswers {
  'open-office': { port: number; fingerprint: string; announced: boolean };
  'rename-office': null;
  'close-office': null;
  connections: ConnectedDevice[];
  'backup-state': BackupState;
  'plan-backups': null;
  /** When it is done. */
  'make-backup': { path: string };
}

export type ServerQuestion = keyof ServerAnswers;
export type QuestionInput<Name extends ServerQuestion> = z.input<(typeof serverQuestions)[Name]>;

/** What the process does instead of serving, told by its arguments: the task and a folder. It ends when it is done. */
export const SERVER_TASKS = ['verify', 'restore'] as const;
export type ServerTask = (typeof SERVER_TASKS)[number];

export interface TaskResults {
  verify: FoundBackup;
  /** Where the data lie that were there before; null when there were none. */
  restore: { former: string | null };
}

/** From the app. */
export const orderToServer = z.discriminatedUnion('type', [
  z.object({ type: z.literal('stop') }),
  z.object({
    type: z.literal('ask'),
    id: z.number().int(),
    question: z.enum(Object.keys(serverQuestions) as [ServerQuestion, ...ServerQuestion[]]),
    input: z.unknown(),
  }),
]);

/** From the server. */
export const wordFromServer = z.discriminatedUnion('type', [
  z.object({ type: z.literal('listening'), origin: z.string() }),
  z.object({
    type: z.literal('failed'),
    message: z.string(),
    /** Another program listens on the port: on another one it would run. */
    portTaken: z.boolean().optional(),
  }),
  z.object({ type: z.literal('answer'), id: z.number().int(), value: z.unknown() }),
  z.object({ type: z.literal('refusal'), id: z.number().int(), message: z.string() }),
  /** A backup began or ended. */
  z.object({ type: z.literal('backup-changed') }),
  /** The task is done. */
  z.object({ type: z.literal('done'), value: z.unknown() }),
]);
