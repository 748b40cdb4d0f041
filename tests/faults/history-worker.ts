/** The real worker of the history, which breaks on demand: the entry that `openHistory` is given in a fault run. */
import { workerData } from 'node:worker_threads';
import Database from 'libsql';
import { noteCommits, rowsOf } from './durable-mark.ts';
import { ORDERS, SLOTS } from './worker-orders.ts';

const NO_LIMIT = 1_073_741_823;

const orders = workerData as Int32Array;
const isOrdered = (order: number) => Atomics.compareExchange(orders, SLOTS.order, order, 0) === order;

noteCommits(() => {
  if (isOrdered(ORDERS.power)) process.kill(process.pid, 'SIGKILL');
});

const { exec, prepare } = Database.prototype;
let isLimited = false;
/** Nothing more fits: what SQLite then says is what it says on a disk that is full. */
function limit(database: Database.Database): void {
  const isFull = Atomics.load(orders, SLOTS.full) === 1;
  if (isFull === isLimited) return;
  isLimited = isFull;
  const [row] = rowsOf(prepare.call(database, 'PRAGMA page_count')) as { page_count: number }[];
  rowsOf(prepare.call(database, `PRAGMA max_page_count = ${isFull ? row?.page_count : NO_LIMIT}`));
}
Database.prototype.exec = function (this: Database.Database, sql: string) {
  if (sql.startsWith('BEGIN')) limit(this);
  if (sql === 'COMMIT' && isOrdered(ORDERS.open)) process.exit(1);
  const result = exec.call(this, sql);
  if (sql === 'COMMIT' && isOrdered(ORDERS.committed)) process.exit(1);
  return result;
};
Database.prototype.prepare = function (this: Database.Database, sql: string) {
  const statement = prepare.call(this, sql) as unknown as { run(...values: unknown[]): unknown };
  const run = statement.run.bind(statement);
  statement.run = (...values) => {
    try {
      return run(...values);
    } catch (thrown) {
      if ((thrown as { code?: string }).code === 'SQLITE_FULL') Atomics.add(orders, SLOTS.refused, 1);
      throw thrown;
    }
  };
  return statement as never;
};

await import('../../electron/main/history/worker.ts');
