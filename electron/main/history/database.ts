import { existsSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { MagpieError } from '#protocol/errors';
import { makePrivateDatabase, makePrivateFolder } from '../support/private-files.ts';
import { MIGRATIONS } from './migrations.ts';
import { rescue, restore } from './rescue.ts';

export type SqlValue = string | number | null;
export type SqlRow = Record<string, SqlValue>;

/** The few things we ask of SQLite. Statements are prepared once and kept: dropped ones are freed late. */
export interface Sql {
  all(sql: string, ...values: SqlValue[]): SqlRow[];
  get(sql: string, ...values: SqlValue[]): SqlRow | null;
  run(sql: string, ...values: SqlValue[]): { changes: number; lastInsertRowid: number };
  transaction<Value>(work: () => Value): Value;
  close(): void;
}

export interface OpenedDatabase {
  sql: Sql;
  /** True when the file was damaged (or of another key) and a new one was begun beside it. */
  reset: boolean;
}

/** Opens and migrates the encrypted file; a damaged one is set aside under a name with the time in it. */
export function openDatabase(path: string, key: string, now: () => number = Date.now): OpenedDatabase {
  try {
    makePrivateFolder(dirname(path));
    return { sql: open(path, key), reset: false };
  } catch (thrown) {
    if (!isDamage(thrown)) throw toHistoryError(thrown);
  }
  try {
    setAside(path, now());
    return { sql: open(path, key), reset: true };
  } catch (thrown) {
    throw toHistoryError(thrown);
  }
}

/** Expected failures of storage in the words of the boundary; bugs stay as they are. */
export function toHistoryError(thrown: unknown): unknown {
  if (thrown instanceof MagpieError) return thrown;
  const code = codeOf(thrown);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (code === 'SQLITE_FULL' || code === 'ENOSPC')
    return new MagpieError('disk-full', 'no space for the history', undefined, { cause: thrown });
  if (code.startsWith('SQLITE_READONLY') || code === 'EROFS')
    return new MagpieError('disk-read-only', 'the history cannot be written', undefined, { cause: thrown });
  const isStorage =
    /^SQLITE_(IOERR|CANTOPEN|CORRUPT|NOTADB|PERM|BUSY|LOCKED|NOMEM)/u.test(code) ||
    ['EACCES', 'EPERM', 'EIO', 'ENOTDIR', 'EISDIR', 'EEXIST'].includes(code) ||
    message.startsWith('ConnectionFailed');
  return isStorage ? new MagpieError('history-unavailable', message, undefined, { cause: thrown }) : thrown;
}

function open(path: string, key: string): Sql {
  const options = { encryptionCipher: 'aes256cbc', encryptionKey: key };
  makePrivateDatabase(path);
  const database = new Database(path, options as never);
  try {
    database.pragma('journal_mode = WAL');
    // Every write is somebody's message: it must survive a power cut once it was acknowledged.
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    // Sixteen megabytes: the inner pages of a million messages, which would else be read and decrypted again and again.
    database.pragma('cache_size = -16384');
    // Pages that every batch touches are copied into the file once in a while, not with each thousandth page; the log stays
    // within a few dozen megabytes all the same, also after a catch-up that made it longer.
    database.pragma('wal_autocheckpoint = 4000');
    database.pragma('journal_size_limit = 33554432');
    migrate(database);
  } catch (thrown) {
    database.close();
    throw thrown;
  }
  return wrap(database);
}

function migrate(database: Database.Database): void {
  const [row] = database.pragma('user_version') as { user_version: number }[];
  const done = row?.user_version ?? 0;
  if (done > MIGRATIONS.length)
    throw new MagpieError('history-unavailable', 'the history was written by a newer version');
  MIGRATIONS.slice(done).forEach((step, index) => {
    database.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${done + index + 1}; COMMIT;`);
  });
}

function wrap(database: Database.Database): Sql {
  const statements = new Map<string, Database.Statement>();
  const statement = (sql: string) => {
    let prepared = statements.get(sql);
    if (prepared === undefined) statements.set(sql, (prepared = database.prepare(sql)));
    return prepared;
  };
  // A text is read back up to its first NUL only.
  const storable = (values: SqlValue[]) =>
    values.map((value) =>
      typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\u{fffd}') : value,
    );
  // The values go in one array: a lone null would be taken for an object of named parameters.
  return {
    all: (sql, ...values) => statement(sql).all(storable(values)) as SqlRow[],
    get: (sql, ...values) => (statement(sql).get(storable(values)) as SqlRow | undefined) ?? null,
    run(sql, ...values) {
      const { changes, lastInsertRowid } = statement(sql).run(storable(values));
      return { changes, lastInsertRowid: Number(lastInsertRowid) };
    },
    transaction(work) {
      try {
        database.exec('BEGIN IMMEDIATE');
        const value = work();
        database.exec('COMMIT');
        return value;
      } catch (thrown) {
        // SQLite has already rolled back by itself after some errors, a full disk among them.
        if (database.inTransaction) database.exec('ROLLBACK');
        throw toHistoryError(thrown);
      }
    },
    close() {
      statements.clear();
      database.close();
    },
  };
}

function setAside(path: string, now: number): void {
  const suffix = `.damaged-${new Date(now).toISOString().replace(/[:.]/gu, '-')}`;
  for (const part of ['', '-wal', '-shm']) {
    if (existsSync(path + part)) renameSync(path + part, `${path}${suffix}${part}`);
  }
}

/** Whether the file itself is broken, in which case trying again cannot help. */
export function isDamage(thrown: unknown): boolean {
  for (let error = thrown; error !== undefined; error = error instanceof Error ? error.cause : undefined)
    if (/^SQLITE_(NOTADB|CORRUPT)/u.test(codeOf(error))) return true;
  return false;
}

/** Reads the whole file beside whoever works with it and answers whether its pages and trees are in order. */
export function isSound(path: string, key: string): boolean {
  const options = { encryptionCipher: 'aes256cbc', encryptionKey: key };
  let database: Database.Database | null = null;
  try {
    database = new Database(path, options as never);
    const [row] = database.pragma('quick_check(1)') as Record<string, unknown>[];
    return row !== undefined && Object.values(row)[0] === 'ok';
  } catch (thrown) {
    if (isDamage(thrown)) return false;
    throw toHistoryError(thrown);
  } finally {
    database?.close();
  }
}

/** Sets the damaged file aside and begins a new one with what can still be read of the unsent and the drafts. */
export function replaceDamaged(damaged: Sql, path: string, key: string, now = Date.now()): Sql {
  const rescued = rescue(damaged);
  try {
    damaged.close();
  } catch {
    // Damaged is damaged.
  }
  setAside(path, now);
  const fresh = open(path, key);
  restore(fresh, rescued);
  return fresh;
}

function codeOf(thrown: unknown): string {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : '';
}
