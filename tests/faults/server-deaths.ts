/**
 * Loaded into a server before its own modules: ends it, as a power cut would, at the moment that a file beside its data
 * names. The moments are those of sending one message.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { ServerResponse } from 'node:http';
import { join } from 'node:path';
import Database from 'libsql';
import { WebSocket } from 'ws';

/** In their order: a row is there, the commit begins, it has ended, the recipient was told, the sender was. */
export const DEATHS_OF_SERVER = ['inserted', 'committing', 'committed', 'pushed', 'answered'] as const;
export type DeathOfServer = (typeof DEATHS_OF_SERVER)[number];

const orderIn = (dataFolder: string) => join(dataFolder, 'die-at.txt');

/** The server dies when it comes to this moment the next time. */
export const order = (dataFolder: string, death: DeathOfServer) => writeFileSync(orderIn(dataFolder), death);

/** Between the insert and the end of its transaction nothing else may give the order its end. */
let isSending = false;

function reach(moment: DeathOfServer): void {
  const path = orderIn(process.env['MAGPIE_TEST_DATA'] ?? '');
  if (!existsSync(path) || readFileSync(path, 'utf8') !== moment) return;
  rmSync(path);
  process.kill(process.pid, 'SIGKILL');
}

interface Statement {
  run(...values: unknown[]): unknown;
}

function watchDatabase(): void {
  const { prepare } = Database.prototype;
  Database.prototype.prepare = function (this: Database.Database, sql: string) {
    const statement = prepare.call(this, sql) as unknown as Statement;
    const isInsert = /^insert into "message"/iu.test(sql);
    if (!isInsert && sql !== 'COMMIT') return statement as never;
    for (const name of ['run', 'all'] as const) {
      const call = (statement as unknown as Record<string, (...values: unknown[]) => unknown>)[name];
      if (call === undefined) continue;
      Object.defineProperty(statement, name, {
        value(...values: unknown[]) {
          if (!isInsert && isSending) reach('committing');
          const result = call.apply(statement, values);
          if (isInsert) {
            isSending = true;
            reach('inserted');
          } else if (isSending) {
            isSending = false;
            reach('committed');
          }
          return result;
        },
      });
    }
    return statement as never;
  };
}

function watchSockets(): void {
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (this: WebSocket, data: unknown, ...rest: unknown[]) {
    (send as (...input: unknown[]) => void).call(this, data, ...rest);
    if (String(data).includes('"singleChat"')) reach('pushed');
  } as typeof send;
}

function watchAnswers(): void {
  const { end } = ServerResponse.prototype;
  ServerResponse.prototype.end = function (this: ServerResponse, ...input: unknown[]) {
    const result = (end as (...given: unknown[]) => ServerResponse).call(this, ...input);
    // Written to the socket by then.
    if (this.req.url?.includes('sendmessage') === true) setImmediate(() => reach('answered'));
    return result;
  } as typeof end;
}

if (process.env['MAGPIE_TEST_DATA'] !== undefined) {
  watchDatabase();
  watchSockets();
  watchAnswers();
}
