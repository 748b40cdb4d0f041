/**
 * Notes beside each database of this process how far its write-ahead log had surely reached the disk: with
 * `synchronous = FULL` that is every transaction whose call has come back. What a power cut may take is the rest.
 */
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import Database from 'libsql';
import { belongsTo, endsTransaction, FRAME_HEADER, generationOf, LOG_HEADER } from './write-ahead-log.ts';

const markOf = (database: string) => `${database}-durable`;

/** Of which generation the log was, and up to which byte it was surely on the disk. */
export function readMark(database: string): { salts: string; end: number } {
  const mark = existsSync(markOf(database)) ? readFileSync(markOf(database), 'utf8') : '';
  const [salts = '', end] = mark.split(' ');
  return { salts, end: Number(end ?? LOG_HEADER) };
}

class DurableMark {
  readonly #database: string;
  readonly #mark: number;
  #log: number | undefined;
  #salts: string;
  #end: number;

  constructor(database: string) {
    this.#database = database;
    // What an earlier process noted stays true until there is more to note.
    const former = readMark(database);
    [this.#salts, this.#end] = [former.salts, former.end];
    this.#mark = openSync(markOf(database), existsSync(markOf(database)) ? 'r+' : 'w');
  }

  /** @param onCommit called when there is a transaction that was not noted yet, and before it is */
  note(onCommit: () => void): void {
    const log = this.#open();
    const header = Buffer.alloc(LOG_HEADER);
    if (log === undefined || readSync(log, header, 0, LOG_HEADER, 0) < LOG_HEADER) return;
    const generation = generationOf(header);
    const isNew = generation.salts !== this.#salts;
    let end = isNew ? LOG_HEADER : this.#end;
    const frame = Buffer.alloc(FRAME_HEADER);
    const start = end;
    for (let at = end; readSync(log, frame, 0, FRAME_HEADER, at) === FRAME_HEADER;) {
      if (!belongsTo(frame, generation)) break;
      at += generation.frame;
      if (endsTransaction(frame)) end = at;
    }
    if (end > start) onCommit();
    else if (!isNew) return;
    [this.#salts, this.#end] = [generation.salts, end];
    writeSync(this.#mark, `${generation.salts} ${String(end).padEnd(12)}`, 0);
  }

  /** The log is deleted when the database is closed. */
  #open(): number | undefined {
    if (this.#log !== undefined && fstatSync(this.#log).nlink > 0) return this.#log;
    if (this.#log !== undefined) closeSync(this.#log);
    const file = `${this.#database}-wal`;
    this.#log = existsSync(file) ? openSync(file, 'r') : undefined;
    return this.#log;
  }
}

/** The library's types know no statement without values. */
export const rowsOf = (statement: unknown) => (statement as { all(): unknown[] }).all();

type Call = (...input: unknown[]) => unknown;

/**
 * From now on every call to a database is followed by a look at its log.
 *
 * @param onCommit called after a transaction has been written and before that is noted
 */
export function noteCommits(onCommit: () => void): void {
  const { prepare, exec } = Database.prototype;
  const marks = new WeakMap<Database.Database, DurableMark | null>();
  const markFor = (database: Database.Database): DurableMark | null => {
    const known = marks.get(database);
    if (known !== undefined) return known;
    const [row] = rowsOf(prepare.call(database, 'PRAGMA database_list')) as { file: string }[];
    const mark = row === undefined || row.file === '' ? null : new DurableMark(row.file);
    marks.set(database, mark);
    return mark;
  };
  Database.prototype.exec = function (this: Database.Database, sql: string) {
    const result = exec.call(this, sql);
    markFor(this)?.note(onCommit);
    return result;
  };
  Database.prototype.prepare = function (this: Database.Database, sql: string) {
    const statement = prepare.call(this, sql);
    for (const name of ['run', 'all', 'get'] as const) {
      const call = (statement as unknown as Record<string, Call | undefined>)[name];
      if (call === undefined) continue;
      Object.defineProperty(statement, name, {
        writable: true,
        value: (...values: unknown[]) => {
          const result = call.apply(statement, values);
          markFor(this)?.note(onCommit);
          return result;
        },
      });
    }
    return statement as never;
  };
}
