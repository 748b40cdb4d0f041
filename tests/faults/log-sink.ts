import { appendFileSync } from 'node:fs';
import type { LogSink } from '../../electron/main/support/logger.ts';

export const fileSink =
  (path: string): LogSink =>
  (line) =>
    appendFileSync(path, line);
