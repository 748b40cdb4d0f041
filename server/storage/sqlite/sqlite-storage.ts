/** {@link Storage} on one SQLite file: one writer, and units that wait together are committed together. */
import { CompiledQuery, Kysely, SqliteDialect } from 'kysely';
import type { Storage, Stores, UnitOfWork } from '../storage.ts';
import { DuplicateKeyError } from '../storage.ts';
import { beginLog, cachedStatements, openDatabase } from './database.ts';
import { accountStore } from './account-store.ts';
import { adminStore } from './admin-store.ts';
import { answerStore } from './answer-store.ts';
import { changeStore } from './change-store.ts';
import { complaintStore } from './complaint-store.ts';
import { applicationStore, contactStore } from './contact-store.ts';
import { groupStore } from './group-store.ts';
import { membershipStore } from './membership-store.ts';
import { fileStore } from './file-store.ts';
import { deliveryStore, messageStore } from './message-store.ts';
import { guestCallStore, sessionStore } from './session-store.ts';
import type { Schema } from './schema.ts';
import { writeSnapshot } from './snapshot.ts';

/** Units per commit. More would save flushes but hold the event loop for longer. */
const GROUP_SIZE = 64;

interface Waiting {
  run(unit: UnitOfWork): Promise<void>;
  /** Called once the commit is on the disk. */
  committed(): void;
  failed(error: unknown): void;
}

/** @param startTime milliseconds since 1970; see {@link beginLog} */
export function openSqliteStorage(path: string, startTime: number): Storage {
  const raw = openDatabase(path);
  beginLog(raw, startTime);
  const database = new Kysely<Schema>({ dialect: new SqliteDialect({ database: cachedStatements(raw) }) });
  const queue: Waiting[] = [];
  let draining: Promise<void> | undefined;
  let closed = false;

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const group = queue.splice(0, GROUP_SIZE);
      await database.connection().execute((connection) => commitGroup(connection, group));
      // Lets requests, sockets and timers have their turn between two groups.
      await new Promise((resolve) => setImmediate(resolve));
    }
    draining = undefined;
  }

  return {
    ...stores(database),
    write<Result>(work: (unit: UnitOfWork) => Promise<Result>): Promise<Result> {
      if (closed) return Promise.reject(new Error('the storage is closed'));
      return new Promise<Result>((resolve, reject) => {
        let result: Result;
        queue.push({
          run: async (unit) => {
            result = await work(unit);
          },
          committed: () => resolve(result),
          failed: reject,
        });
        draining ??= drain();
      });
    },
    snapshot: (target) => writeSnapshot(path, target),
    async close(): Promise<void> {
      if (closed) return;
      closed = true;
      await draining;
      raw.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      await database.destroy();
    },
  };
}

async function commitGroup(connection: Kysely<Schema>, group: readonly Waiting[]): Promise<void> {
  const finished: Waiting[] = [];
  const afterCommit: (() => void)[] = [];
  try {
    await execute(connection, 'BEGIN IMMEDIATE');
    for (const waiting of group) {
      const actions: (() => void)[] = [];
      await execute(connection, 'SAVEPOINT unit');
      try {
        await waiting.run({ ...stores(connection), afterCommit: (action) => actions.push(action) });
        await execute(connection, 'RELEASE unit');
        finished.push(waiting);
        afterCommit.push(...actions);
      } catch (error) {
        await execute(connection, 'ROLLBACK TO unit');
        await execute(connection, 'RELEASE unit');
        waiting.failed(translated(error));
      }
    }
    await execute(connection, 'COMMIT');
  } catch (error) {
    // Nothing of this group is on the disk: every unit fails, also those that ran well.
    await execute(connection, 'ROLLBACK').catch(() => undefined);
    for (const waiting of group) waiting.failed(error);
    return;
  }
  for (const action of afterCommit) action();
  for (const waiting of finished) waiting.committed();
}

async function execute(connection: Kysely<Schema>, statement: string): Promise<void> {
  await connection.executeQuery(CompiledQuery.raw(statement));
}

function translated(error: unknown): unknown {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY') {
    return new DuplicateKeyError('a row with this key exists already', { cause: error });
  }
  return error;
}

function stores(database: Kysely<Schema>): Stores {
  return {
    accounts: accountStore(database),
    sessions: sessionStore(database),
    guestCalls: guestCallStore(database),
    contacts: contactStore(database),
    applications: applicationStore(database),
    groups: groupStore(database),
    memberships: membershipStore(database),
    messages: messageStore(database),
    deliveries: deliveryStore(database),
    changes: changeStore(database),
    admin: adminStore(database),
    answers: answerStore(database),
    complaints: complaintStore(database),
    files: fileStore(database),
  };
}
