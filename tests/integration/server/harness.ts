/** Starts real servers on free ports with their own folders, and clears up after each test file. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll } from 'vitest';
import { defaultConfig, startServer } from '../../../server/server.ts';
import type { RunningServer, ServerConfig } from '../../../server/server.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { PlainClient } from '../../helpers/plain-egg-im/plain-client.ts';

const cleanups: (() => unknown)[] = [];

afterAll(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export function temporaryDirectory(): string {
  const directory = temporaryFolder('server');
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export interface TestServer extends RunningServer {
  client: PlainClient;
  directory: string;
  /** As it is now; the field is that of the start. */
  readFingerprint(): string | null;
}

/** Limits that would slow tests down are off unless a test asks for them. */
export async function testServer(
  overrides: Partial<ServerConfig> = {},
  options?: { now?: () => number },
): Promise<TestServer> {
  const directory = overrides.dataDirectory ?? temporaryDirectory();
  const config = defaultConfig({
    port: 0,
    logLevel: 'silent',
    registrationsPerMinute: 0,
    requestsPerSecond: 0,
    sendsPerSecond: 0,
    freeLoginAttempts: 0,
    loginsPerMinute: 0,
    ...overrides,
    dataDirectory: directory,
  });
  const server = await startServer(config, options);
  cleanups.push(() => server.stop());
  return {
    ...server,
    readFingerprint: () => server.fingerprint,
    client: new PlainClient(server.origin),
    directory,
  };
}

/** Changes or reads the database behind the server's back, as an administrator would. */
export function query(directory: string, text: string, parameters: unknown[] = []): unknown[] {
  const database = new Database(join(directory, 'magpie.db'), { timeout: 5000 } as Database.Options);
  try {
    const statement = database.prepare(text);
    if (statement.reader) return statement.all(parameters);
    statement.run(parameters);
    return [];
  } finally {
    database.close();
  }
}
