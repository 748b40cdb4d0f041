/** Copies of the database: made beside a running server, and looked at without being opened for use. */
import Database from 'libsql';
import AsyncDatabase from 'libsql/promise';
import { makePrivateFile } from '../data-folder.ts';
import { APPLICATION_ID } from './database.ts';
import { MIGRATIONS } from './migrations/index.ts';

/** On a thread of the library's own, so that requests are answered meanwhile. The log keeps writers out of its way. */
export async function writeSnapshot(path: string, target: string): Promise<void> {
  makePrivateFile(target);
  const database = new AsyncDatabase(path, { timeout: 5000 });
  try {
    await (database.exec(`VACUUM INTO '${target.replaceAll("'", "''")}'`) as Promise<void>);
  } finally {
    database.close();
  }
}

export interface SnapshotFindings {
  /** Number of the schema; 0 when nothing could be read. */
  schema: number;
  /** One line each; none for a sound copy. */
  problems: string[];
}

/** Reads the whole copy: is it ours, of a schema that this program knows, and does everything in it hang together? */
export async function inspectSnapshot(path: string): Promise<SnapshotFindings> {
  let database: AsyncDatabase | undefined;
  try {
    database = new AsyncDatabase(path, { readonly: true, fileMustExist: true });
    const values = async (query: string): Promise<unknown[]> => {
      const statement = (await database?.prepare(query)) as { all(): Promise<{ value: unknown }[]> };
      return (await statement.all()).map(({ value }) => value);
    };
    const [application] = await values('SELECT application_id AS value FROM pragma_application_id');
    const schema = Number((await values('SELECT user_version AS value FROM pragma_user_version'))[0]);
    if (application !== APPLICATION_ID) {
      return { schema: 0, problems: ['the database is not one of a Magpie server'] };
    }
    if (schema > MIGRATIONS.length) {
      const known = `schema ${schema}, this program knows ${MIGRATIONS.length}`;
      return { schema, problems: [`the database was written by a newer version of the server (${known})`] };
    }
    const found = await values('SELECT integrity_check AS value FROM pragma_integrity_check(5)');
    const problems = found.filter((text) => text !== 'ok').map((text) => `the database is damaged: ${text}`);
    return { schema, problems };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { schema: 0, problems: [`the database cannot be read: ${reason}`] };
  } finally {
    database?.close();
  }
}

/**
 * SHA-256 of the content of every file that the copy knows.
 * @param except beginning of the addresses of those that do not count
 */
export function contentIn(path: string, { except }: { except?: string } = {}): string[] {
  const database = new Database(path, { readonly: true } as Database.Options);
  try {
    const others = except === undefined ? '' : `WHERE path NOT LIKE '${except}%'`;
    const rows = database.prepare(`SELECT DISTINCT sha256 FROM file ${others} ORDER BY sha256`).all();
    return (rows as { sha256: string }[]).map(({ sha256 }) => sha256);
  } finally {
    database.close();
  }
}
