/** A server with something to lose, and the program that saves it. */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { PlainAccount } from '../../helpers/plain-egg-im/plain-client.ts';
import { png } from '../../helpers/files/samples.ts';
import { query, testServer } from './harness.ts';
import type { TestServer } from './harness.ts';

export const root = resolve(import.meta.dirname, '../../..');

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export interface Inhabited extends TestServer {
  anna: PlainAccount;
  bert: PlainAccount;
  /** Of a file that Anna sent to Bert. */
  url: string;
  content: Buffer;
}

/** Two friends, some texts and a file between them. */
export async function inhabited(overrides: Parameters<typeof testServer>[0] = {}): Promise<Inhabited> {
  const server = await testServer(overrides);
  const anna = await server.client.register('anna01');
  const bert = await server.client.register('bert01');
  await server.client.befriend(anna, bert);
  for (let number = 1; number <= 5; number++) await server.client.sendText(anna, bert.id, `before ${number}`);
  const { url, content } = await sendFile(server, anna, bert);
  return { ...server, anna, bert, url, content };
}

export async function sendFile(server: TestServer, from: PlainAccount, to: PlainAccount, size = 300_000) {
  // What follows the end of a picture belongs to the file as well.
  const content = Buffer.concat([png(16, 16, [20, 120, 220]), randomBytes(size)]);
  const url = await server.client.upload(from, 'chatImgs', 'plan.png', content);
  await server.client.sendImage(from, to.id, url);
  return { url, content };
}

/** Every text message that a data folder holds, in order. */
export function textsOf(directory: string): string[] {
  const rows = query(directory, 'SELECT payload FROM message ORDER BY id') as { payload: string }[];
  return rows.map(({ payload }) => payload);
}

export interface Run {
  code: number | null;
  signal: NodeJS.Signals | null;
  output: string;
  errors: string;
}

/** `npm run server -- …` until it ends, optionally killed at a step; see `die-at-file-step.mjs`. */
export function run(args: readonly string[], dieAt?: { step: number; within: string }): Promise<Run> {
  const preload = join(root, 'tests/helpers/die-at-file-step.mjs');
  const node = ['--import', 'tsx', ...(dieAt === undefined ? [] : ['--import', preload])];
  const env = {
    ...process.env,
    ...(dieAt === undefined
      ? {}
      : { MAGPIE_TEST_DIE_AT: String(dieAt.step), MAGPIE_TEST_DIE_IN: dieAt.within }),
  };
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [...node, join(root, 'server/main.ts'), ...args],
      { cwd: root, env },
      (_error, output, errors) => done({ code: child.exitCode, signal: child.signalCode, output, errors }),
    );
  });
}

/** Every file below a folder with its hash, without the lock that anybody may leave. */
export function listing(folder: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, name);
    if (statSync(path).isFile() && !name.endsWith('.lock')) files[name] = sha256(readFileSync(path));
  }
  return files;
}
