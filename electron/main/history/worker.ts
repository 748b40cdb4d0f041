/** Entry of the worker thread that owns one account's database. */
import { parentPort } from 'node:worker_threads';
import { assertNever, MagpieError, toWireError } from '#protocol/errors';
import { openDatabase, toHistoryError, type Sql } from './database.ts';
import { createHistoryEngine } from './engine.ts';
import type { HistoryMethods } from './history.ts';
import type { WorkerRequest, WorkerResponse } from './worker-protocol.ts';

const port = parentPort;
if (port === null) throw new Error('This file is the entry of a worker thread');

let sql: Sql | null = null;
let engine: HistoryMethods | null = null;

function answer(request: WorkerRequest): unknown {
  switch (request.type) {
    case 'open': {
      const opened = openDatabase(request.input.path, request.input.key);
      sql = opened.sql;
      engine = createHistoryEngine(sql);
      return { reset: opened.reset };
    }
    case 'call': {
      if (engine === null) throw new MagpieError('history-unavailable', 'the history is not open');
      const method = engine[request.method] as (...input: unknown[]) => unknown;
      return method(...request.input);
    }
    case 'close':
      sql?.close();
      sql = null;
      engine = null;
      return null;
    default:
      return assertNever(request, 'request');
  }
}

port.on('message', (request: WorkerRequest) => {
  let response: WorkerResponse;
  try {
    response = { id: request.id, ok: true, value: answer(request) };
  } catch (thrown) {
    response = { id: request.id, ok: false, error: toWireError(toHistoryError(thrown)) };
  }
  port.postMessage(response);
  if (request.type === 'close') port.close();
});
