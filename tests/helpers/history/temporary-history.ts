import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openDatabase, type Sql } from '../../../electron/main/history/database.ts';
import { createHistoryEngine } from '../../../electron/main/history/engine.ts';
import type { HistoryMethods } from '../../../electron/main/history/history.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** A key for databases and files whose key does not matter; hexadecimal. */
export const SAMPLE_KEY = 'ab'.repeat(32);

/** A new history on the disk, for the test that runs: it is closed and removed when that ends. */
export function temporaryHistory(): { sql: Sql; engine: HistoryMethods } {
  const folder = temporaryFolder('history');
  const { sql } = openDatabase(join(folder, 'history.db'), SAMPLE_KEY);
  onTestFinished(() => {
    sql.close();
    rmSync(folder, { recursive: true });
  });
  return { sql, engine: createHistoryEngine(sql) };
}
