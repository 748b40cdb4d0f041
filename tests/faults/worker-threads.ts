import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const entry = new URL('../../electron/main/history/worker.ts', import.meta.url).href;

/** Where a history worker dies: with a transaction open, or after its commit and before its answer. */
export type WorkerDeath = 'open' | 'committed';
const DEATHS: Record<WorkerDeath, number> = { open: 1, committed: 2 };

/**
 * An entry that reads TypeScript and then is the real one of the history, but dies on demand at its next commit. Ending
 * the thread from outside would tear down the whole process when it stands inside the database's native code.
 */
export function createHistoryWorker(folder: string) {
  const order = new Int32Array(new SharedArrayBuffer(4));
  const workerFile = join(folder, 'history-worker.mjs');
  writeFileSync(
    workerFile,
    `import { register } from ${JSON.stringify(import.meta.resolve('tsx/esm/api'))};
     import { workerData } from 'node:worker_threads';
     import Database from ${JSON.stringify(import.meta.resolve('libsql'))};
     register();
     const { exec } = Database.prototype;
     const dieIf = (death) => {
       if (Atomics.compareExchange(workerData, 0, death, 0) === death) process.exit(1);
     };
     Database.prototype.exec = function (sql) {
       if (sql === 'COMMIT') dieIf(${DEATHS.open});
       const result = exec.call(this, sql);
       if (sql === 'COMMIT') dieIf(${DEATHS.committed});
       return result;
     };
     await import(${JSON.stringify(entry)});\n`,
  );
  return {
    workerFile,
    workerOptions: { execArgv: [], workerData: order },
    kill: (death: WorkerDeath) => void Atomics.store(order, 0, DEATHS[death]),
  };
}
