/** Backups of a running server: made when somebody asks, and by a schedule that counts from the last one. */
import { readFile } from 'node:fs/promises';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Logger } from '../domain/context.ts';
import { BackupFailed, makeBackup } from './make-backup.ts';
import type { BackupSource, MadeBackup } from './make-backup.ts';
import { instanceOf } from './manifest.ts';
import { listBackups } from './place.ts';
import { BACKUP_PROBLEMS } from '#protocol/model/office';
import type { BackupState } from '#protocol/model/office';

export interface BackupPlan {
  /** Null: nowhere, and no schedule. */
  place: string | null;
  /** 0: only when somebody asks. */
  everyHours: number;
  /** Backups that stay; 0 keeps all. */
  keep: number;
}

export interface Backups {
  state(): Promise<BackupState>;
  /**
   * Makes one now; without a place in the order it goes where the schedule puts them.
   * @throws {BackupFailed}
   */
  make(order?: { place?: string; keep?: number }): Promise<MadeBackup>;
  configure(plan: BackupPlan): void;
  /** Gives up what is under way. */
  stop(): Promise<void>;
}

const HOUR = 60 * 60_000;
/** Between a failure and the next try of the schedule. */
const AFTER_FAILURE = 10 * 60_000;
/** A new server has other things to do first. */
const AFTER_START = 5_000;
/** Clocks are set and computers sleep: looked at again at least so often. */
const LONGEST_WAIT = HOUR;

const failureNote = z.object({
  at: z.number(),
  problem: z.enum(BACKUP_PROBLEMS),
  message: z.string(),
});

export function backupsOf(
  source: BackupSource,
  { plan: firstPlan, log, onChange }: { plan: BackupPlan; log: Logger; onChange(): void },
): Backups {
  const notePath = join(source.dataDirectory, 'backup-failure.json');
  let plan = firstPlan;
  let running: { done: number; total: number } | null = null;
  let work: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const ending = new AbortController();
  const startedAt = source.now();

  const lastFailure = async (): Promise<BackupState['failure']> => {
    const text = await readFile(notePath, 'utf8').catch(() => '');
    try {
      return failureNote.safeParse(JSON.parse(text)).data ?? null;
    } catch {
      return null;
    }
  };
  const noteFailure = (failure: BackupState['failure']): void => {
    try {
      if (failure === null) rmSync(notePath, { force: true });
      else writeFileSync(notePath, JSON.stringify(failure), { mode: 0o600 });
    } catch (error) {
      log.warn({ err: error }, 'the outcome of a backup cannot be noted');
    }
  };

  const lastOne = async (): Promise<BackupState['last']> => {
    if (plan.place === null) return null;
    const secret = await readFile(join(source.dataDirectory, 'token-secret'), 'utf8').catch(() => '');
    const instance = instanceOf(secret);
    const mine = (await listBackups(plan.place)).find((one) => one.instance === instance);
    return mine === undefined ? null : { path: mine.path, madeAt: mine.madeAt };
  };

  const nextTime = (last: BackupState['last'], failure: BackupState['failure']): number | null => {
    if (plan.place === null || plan.everyHours === 0) return null;
    const due = last === null ? startedAt + AFTER_START : last.madeAt + plan.everyHours * HOUR;
    const afterFailure = failure === null ? 0 : failure.at + Math.min(AFTER_FAILURE, plan.everyHours * HOUR);
    return Math.max(due, afterFailure, startedAt + AFTER_START);
  };

  async function state(): Promise<BackupState> {
    const [last, failure] = await Promise.all([lastOne(), lastFailure()]);
    return { ...plan, running, last, failure, nextAt: nextTime(last, failure) };
  }

  async function plannedNow(): Promise<void> {
    clearTimeout(timer);
    const { nextAt } = await state();
    if (nextAt === null || ending.signal.aborted) return;
    const wait = nextAt - source.now();
    if (wait <= 0 && running === null) {
      // What went wrong is in the state and in the log.
      await make().catch(() => undefined);
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(() => void look(), Math.min(Math.max(wait, 1000), LONGEST_WAIT));
    timer.unref();
  }
  const look = (): Promise<void> =>
    plannedNow().catch((error: unknown) => log.error({ err: error }, 'the backup schedule stumbled'));

  async function make(order: { place?: string; keep?: number } = {}): Promise<MadeBackup> {
    const place = order.place ?? plan.place;
    if (place === null) throw new BackupFailed('place-unusable', 'no place for backups is set');
    if (running !== null) throw new BackupFailed('busy', 'a backup is being made');
    running = { done: 0, total: 0 };
    onChange();
    const keep = order.keep ?? (order.place === undefined ? plan.keep : 0);
    const made = makeBackup(source, {
      place,
      keep,
      signal: ending.signal,
      onProgress(done, total) {
        running = { done, total };
      },
    });
    work = made.catch(() => undefined);
    try {
      const result = await made;
      noteFailure(null);
      const { missing } = result.manifest;
      if (missing.length > 0)
        log.error({ missing }, 'content of files is lost or damaged in the data folder');
      log.info({ path: result.path, files: result.manifest.files.length }, 'backup made');
      return result;
    } catch (error) {
      const failed = error instanceof BackupFailed ? error : undefined;
      if (failed?.problem !== 'cancelled') {
        const message = error instanceof Error ? error.message : String(error);
        noteFailure({ at: source.now(), problem: failed?.problem ?? 'failed', message });
        log.error({ err: error }, 'backup failed');
      }
      throw error;
    } finally {
      running = null;
      onChange();
      void look();
    }
  }

  void look();
  return {
    state,
    make,
    configure(next) {
      plan = next;
      onChange();
      void look();
    },
    async stop() {
      ending.abort();
      clearTimeout(timer);
      await work;
    },
  };
}
