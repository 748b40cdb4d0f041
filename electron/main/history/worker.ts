/** Entry of the worker thread that owns one account's database, and of the one that checks it. */
import { parentPort } from 'node:worker_threads';
import { assertNever, MagpieError, toWireError, type WireError } from '#protocol/errors';
import { isDamage, isSound, openDatabase, replaceDamaged, toHistoryError, type Sql } from './database.ts';
import { createHistoryEngine } from './engine.ts';
import type { HistoryMethods, OpenInput } from './history.ts';
import type { WorkerRequest, WorkerResponse } from './worker-protocol.ts';

const port = parentPort;
if (port === null) throw new Error('This file is the entry of a worker thread');

let sql: Sql | null = null;
let engine: HistoryMethods | null = null;
let opening: OpenInput | null = null;

function answer(request: WorkerRequest): unknown {
  switch (request.type) {
    case 'open': {
      const opened = openDatabase(request.input.path, request.input.key);
      sql = opened.sql;
      opening = request.input;
      engine = createHistoryEngine(sql);
      return { reset: opened.reset };
    }
    case 'call': {
      if (engine === null) throw new MagpieError('history-unavailable', 'the history is not open');
      const method = engine[request.method] as (...input: unknown[]) => unknown;
      return method(...request.input);
    }
    case 'verify':
      return { sound: isSound(request.input.path, request.input.key) };
    case 'replace':
      if (sql !== null && opening !== null)
        startAnew(
          sql,
          opening,
          toWireError(new MagpieError('history-unavailable', 'the check found damage')),
        );
      return null;
    case 'close':
      sql?.close();
      sql = null;
      engine = null;
      return null;
    default:
      return assertNever(request, 'request');
  }
}

/** A page in the middle can be broken while the file opens well: it shows when somebody reads that page. */
function startAnew(damaged: Sql, { path, key }: OpenInput, error: WireError): void {
  try {
    sql = replaceDamaged(damaged, path, key);
    engine = createHistoryEngine(sql);
    port?.postMessage({ reset: true, error } satisfies WorkerResponse);
  } catch {
    // Neither the old file nor a new one: the next worker tries again.
    process.exit(1);
  }
}

port.on('message', (request: WorkerRequest) => {
  let response: WorkerResponse;
  try {
    response = { id: request.id, ok: true, value: answer(request) };
  } catch (thrown) {
    const error = toWireError(toHistoryError(thrown));
    response = { id: request.id, ok: false, error };
    if (isDamage(thrown) && sql !== null && opening !== null) startAnew(sql, opening, error);
  }
  port.postMessage(response);
  if (request.type === 'close') port.close();
});
