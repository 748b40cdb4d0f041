/** Opens the SQLite file: checks it, brings its schema up to date, never deletes anything. */
import Database from 'libsql';
import type { SqliteDatabase, SqliteStatement } from 'kysely';
import { makePrivateFile } from '../data-folder.ts';
import { StorageUnusableError } from '../storage.ts';
import { MIGRATIONS } from './migrations/index.ts';

/** Milliseconds to wait for another process (a backup, an operator's shell) that holds the file. */
const BUSY_TIMEOUT = 5000;

/** Marks the file as ours, so that a stray `--data` does not grow tables in somebody else's database. */
export const APPLICATION_ID = 0x4d_61_67_70;

export function openDatabase(path: string): Database.Database {
  let database: Database.Database | undefined;
  try {
    makePrivateFile(path);
    database = new Database(path, { timeout: BUSY_TIMEOUT } as Database.Options);
    database.exec('PRAGMA foreign_keys = ON');
    checkOrigin(database, path);
    checkHealth(database, path);
    database.exec('PRAGMA journal_mode = WAL');
    // An answer means "on the disk": with NORMAL the last commits could be gone after a power cut.
    database.exec('PRAGMA synchronous = FULL');
    // What was recalled or delivered does not stay behind in the free space of the file.
    database.exec('PRAGMA secure_delete = ON');
    migrate(database, path);
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof StorageUnusableError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StorageUnusableError(`cannot use the database ${path}: ${reason}`, { cause: error });
  }
}

function checkOrigin(database: Database.Database, path: string): void {
  const version = pragmaNumber(database, 'user_version');
  const application = pragmaNumber(database, 'application_id');
  const tables = Number(single(database, 'SELECT count(*) AS value FROM sqlite_schema'));
  if (tables > 0 && application !== APPLICATION_ID) {
    throw new StorageUnusableError(`${path} is a database of another program; nothing was changed`);
  }
  if (version > MIGRATIONS.length) {
    throw new StorageUnusableError(
      `the database ${path} was written by a newer version of the server (schema ${version}, ` +
        `this one knows ${MIGRATIONS.length}); nothing was changed`,
    );
  }
}

function checkHealth(database: Database.Database, path: string): void {
  const result = String(single(database, 'SELECT quick_check AS value FROM pragma_quick_check(1)'));
  if (result !== 'ok') {
    throw new StorageUnusableError(
      `the database ${path} is damaged (${result.split('\n')[0]}); restore a backup. Nothing was changed`,
    );
  }
}

function migrate(database: Database.Database, path: string): void {
  for (let version = pragmaNumber(database, 'user_version'); version < MIGRATIONS.length; version++) {
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(MIGRATIONS[version] ?? '');
      database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      database.exec(`PRAGMA user_version = ${version + 1}`);
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw new StorageUnusableError(`cannot bring ${path} to schema ${version + 1}; nothing was changed`, {
        cause: error,
      });
    }
  }
}

/**
 * Cursors of the change log go on from the time of the start, and the numbers left out are remembered as a gap. When the
 * data were restored from a backup, cursors that clients got after it fall into the gap and are not mistaken for new ones.
 */
export function beginLog(database: Database.Database, startTime: number): void {
  const head = Number(
    single(database, "SELECT coalesce(max(seq), 0) AS value FROM sqlite_sequence WHERE name = 'change'"),
  );
  const first = Math.floor(startTime);
  if (first <= head) return;
  database.exec('BEGIN IMMEDIATE');
  database.exec("DELETE FROM sqlite_sequence WHERE name = 'change'");
  database.exec(`INSERT INTO sqlite_sequence (name, seq) VALUES ('change', ${first})`);
  database.exec(`INSERT INTO change_gap (after_cursor, before_cursor) VALUES (${head}, ${first})`);
  database.exec('COMMIT');
}

function pragmaNumber(database: Database.Database, name: string): number {
  return Number(single(database, `SELECT ${name} AS value FROM pragma_${name}`));
}

function single(database: Database.Database, query: string): unknown {
  const [row] = database.prepare(query).all() as { value: unknown }[];
  return row?.value;
}

/**
 * The database as Kysely wants it. Statements are prepared once and kept: libsql frees dropped ones only when the event
 * loop turns, so a busy server would pile them up. The number of different statements is small and fixed by the code.
 */
export function cachedStatements(database: Database.Database): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    prepare(query: string): SqliteStatement {
      let statement = statements.get(query);
      if (statement === undefined) {
        statement = database.prepare(query) as unknown as SqliteStatement;
        statements.set(query, statement);
      }
      return statement;
    },
    close(): void {
      statements.clear();
      database.close();
    },
  };
}
