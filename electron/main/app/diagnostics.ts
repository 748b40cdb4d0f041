/** Facts about this run for the page of diagnostics, gathered when somebody looks. */
import { readdir, stat } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { app, shell } from 'electron';
import { MagpieError } from '#protocol/errors';
import type { Diagnostics } from '#protocol/model/diagnostics';
import type { ConnectionLog } from '../connection/connection-log.ts';
import type { Clock } from '../support/clock.ts';

/** Watching all the time would wake an idle app; a person who looks can wait this long (milliseconds). */
const WATCH = 1_000;
/** Milliseconds between two looks; what is measured is what comes on top. */
const RESOLUTION = 10;

export interface DiagnosticsOptions {
  clock: Clock;
  userData: string;
  connections: ConnectionLog;
}

export async function gatherDiagnostics({
  clock,
  userData,
  connections,
}: DiagnosticsOptions): Promise<Diagnostics> {
  const eventLoop = await watchEventLoop(clock);
  const metrics = app.getAppMetrics();
  const logs = join(userData, 'logs');
  return {
    at: clock.now(),
    startedAt: Math.round(clock.now() - process.uptime() * 1_000),
    versions: {
      app: app.getVersion(),
      electron: process.versions['electron'] ?? '',
      chrome: process.versions['chrome'] ?? '',
      node: process.versions.node,
      system: `${process.platform} ${release()} ${process.arch}`,
    },
    memory: {
      bytes: metrics.reduce((sum, { memory }) => sum + memory.workingSetSize * 1_024, 0),
      processes: metrics.length,
    },
    eventLoop,
    databases: await databasesIn(join(userData, 'accounts')),
    connections: connections.list(),
    logs: { folder: logs, bytes: (await filesIn(logs)).reduce((sum, { bytes }) => sum + bytes, 0) },
    crashes: (await filesIn(app.getPath('crashDumps')))
      .filter(({ name }) => name.endsWith('.dmp'))
      .map(({ at, bytes }) => ({ at, bytes }))
      .sort((one, other) => other.at - one.at),
  };
}

/** Shows the folder of the logs to the person. */
export async function openLogs(userData: string): Promise<void> {
  const refusal = await shell.openPath(join(userData, 'logs'));
  if (refusal !== '') throw new MagpieError('not-found', refusal);
}

async function watchEventLoop(clock: Clock): Promise<Diagnostics['eventLoop']> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
  delay.enable();
  await new Promise<void>((resolve) => clock.after(WATCH, resolve));
  delay.disable();
  const beyond = (nanoseconds: number) => Math.max(0, Math.round(nanoseconds / 1e5 - RESOLUTION * 10) / 10);
  return { mean: beyond(delay.mean), p99: beyond(delay.percentile(99)), max: beyond(delay.max) };
}

async function databasesIn(folder: string): Promise<Diagnostics['databases']> {
  const accounts = await readdir(folder).catch(() => []);
  return Promise.all(
    accounts.map(async (account) => {
      const files = await filesIn(join(folder, account));
      const own = files.filter(({ name }) => /(^|[/\\])history\.db(-wal|-shm)?$/u.test(name));
      return { account: account.slice(0, 8), bytes: own.reduce((sum, { bytes }) => sum + bytes, 0) };
    }),
  );
}

/** All files below a folder; none where there is no folder. */
async function filesIn(folder: string): Promise<{ name: string; bytes: number; at: number }[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      const facts = await stat(join(folder, name)).catch(() => null);
      return facts?.isFile() === true ? [{ name, bytes: facts.size, at: facts.mtimeMs }] : [];
    }),
  );
  return found.flat();
}
