/** The packaged app as a guest of the desktop: how soon it is there, what it takes while nobody uses it, how fast it calls. */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { ensurePackages } from '../../scripts/desktop/apt.ts';
import { provideElectron } from '../../scripts/electron/provide-electron.ts';
import { ActionableError } from '../../scripts/lib/fatal.ts';
import { repositoryRoot } from '../../scripts/lib/paths.ts';
import { connectTo, expectOnline, PASSWORD, row, signIn } from '../e2e/person.ts';
import { startDesktopSession, type DesktopSession } from '../helpers/desktop/desktop-session.ts';
import { watchLauncher } from '../helpers/desktop/launcher-watch.ts';
import { startTrayHost } from '../helpers/desktop/tray-host.ts';
import { closeWindow, windowsOf } from '../helpers/desktop/x11.ts';
import { PlainClient } from '../helpers/plain-egg-im/plain-client.ts';
import { ServerProcess } from '../helpers/server-process.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { processorSeconds, proportionalMemory } from './desktop/process-tree.ts';
import { startObserved, type Observed } from './desktop/observed-program.ts';

const packaged = join(repositoryRoot, 'dist/linux-unpacked/magpie');
const blank = join(import.meta.dirname, 'electron/blank');
const STARTS = Number(process.env['MAGPIE_BENCH_STARTS'] ?? 9);
/** Milliseconds after which a program that was left alone has settled. */
const SETTLE = 10_000;
/** A start has rounds of its own in its first minute: collecting garbage, looking for updates, old messages and damage. */
const SETTLE_FOR_IDLE = 90_000;
const IDLE_SECONDS = 60;
const CALLS = 20;
const READER = 'desk_reader';
const WRITER = 'desk_writer';

interface Program {
  command: string;
  args: readonly string[];
  profile: string;
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

/** Cold here means: a process of its own with a profile that has run before; the files are in the machine's memory. */
async function startsAndMemory(desktop: DesktopSession, programs: Record<'blank' | 'ours', Program>) {
  const starts = { blank: [] as number[], ours: [] as number[] };
  const memory = { blank: [] as number[], ours: [] as number[] };
  for (let round = -1; round < STARTS; round += 1) {
    for (const name of ['blank', 'ours'] as const) {
      const program = await startObserved(programs[name], desktop);
      try {
        const time = await program.largestPaint(name === 'ours' ? '[data-testid=conversation-row]' : 'p');
        if (round >= 0) starts[name].push(time);
        // Memory wants rest: three looks are enough.
        if (round < STARTS - 3) continue;
        await pass(SETTLE);
        memory[name].push(proportionalMemory(program.pid));
      } finally {
        await program.end();
      }
    }
  }
  return { starts, memory };
}

async function idleShare(program: Observed, desktop: DesktopSession): Promise<number> {
  const [window] = await windowsOf(desktop.env, program.pid);
  if (window === undefined) throw new Error('the app has no window');
  await closeWindow(desktop.env, window.id);
  await pass(SETTLE_FOR_IDLE);
  const before = processorSeconds(program.pid);
  await pass(IDLE_SECONDS * 1000);
  return ((processorSeconds(program.pid) - before) / IDLE_SECONDS) * 100;
}

/** Milliseconds from the sending of a message to the icon and the count on the bus; sending and the server are in it. */
async function callTimes(desktop: DesktopSession, ours: Program, client: PlainClient) {
  const busAddress = desktop.env['DBUS_SESSION_BUS_ADDRESS'] ?? '';
  const tray = await startTrayHost(busAddress);
  const launcher = await watchLauncher(busAddress);
  const program = await startObserved(ours, desktop);
  try {
    const item = await tray.item();
    await expectOnline(program.page);
    await program.leaveAlone();
    // Nobody looks at a conversation that has no window.
    const idle = await idleShare(program, desktop);
    const writer = await client.login(WRITER, PASSWORD);
    const reader = (await client.data('POST', '/api/loginChat', {
      json: { username: READER, password: PASSWORD },
      headers: { 'x-magpie-device': 'phone:22222222-2222-4222-8222-222222222222' },
    })) as { id: number };
    const times = { tray: [] as number[], badge: [] as number[] };
    for (let call = 0; call < CALLS; call += 1) {
      const [icons, counts] = [item.iconChanges.length, launcher.updates.length];
      const at = Date.now();
      await client.sendText(writer, reader.id, `call ${call}`);
      const limit = at + 10_000;
      while (item.iconChanges.length === icons || launcher.updates.length === counts) {
        if (Date.now() > limit) throw new Error(`nothing came on the bus for message ${call}`);
        await pass(2);
      }
      times.tray.push((item.iconChanges[icons] ?? NaN) - at);
      times.badge.push((launcher.updates[counts]?.at ?? NaN) - at);
    }
    return { idle, times };
  } finally {
    await program.end();
    tray.stop();
    launcher.stop();
  }
}

export const benchmark: Benchmark = {
  title: 'The packaged app on the desktop, beside a blank window of the same Electron',
  async run() {
    if (!existsSync(packaged)) throw new ActionableError('make the package first: npm run package:linux');
    await ensurePackages('test');
    const { executablePath } = await provideElectron();
    const folder = temporaryFolder('desktop-bench');
    const server = await ServerProcess.start();
    const desktop = await startDesktopSession();
    try {
      for (const name of ['blank', 'ours']) mkdirSync(join(folder, name), { recursive: true });
      const programs = {
        blank: { command: executablePath, args: [blank], profile: join(folder, 'blank') },
        ours: { command: packaged, args: [], profile: join(folder, 'ours') },
      };
      const client = new PlainClient(server.origin);
      const [reader, writer] = [
        await client.register(READER, PASSWORD),
        await client.register(WRITER, PASSWORD),
      ];
      const first = await startObserved(programs.ours, desktop);
      try {
        await connectTo(first.page, server.origin);
        await signIn(first.page, READER);
        await expectOnline(first.page);
        await client.befriend(writer, reader);
        await row(first.page, WRITER).waitFor();
      } finally {
        await first.end();
      }
      const { starts, memory } = await startsAndMemory(desktop, programs);
      const { idle, times } = await callTimes(desktop, programs.ours, client);
      const figures: Figure[] = [
        { name: 'blank window, start to its text', value: median(starts.blank), unit: 'ms', goal: null },
        { name: 'ours, start to the painted list', value: median(starts.ours), unit: 'ms', goal: null },
        {
          name: 'cold start ÷ blank window',
          value: median(starts.ours) / median(starts.blank),
          unit: '×',
          goal: 1.3,
        },
        { name: 'blank window, PSS', value: median(memory.blank), unit: 'MiB', goal: null },
        { name: 'ours, signed in and online, PSS', value: median(memory.ours), unit: 'MiB', goal: null },
        {
          name: 'idle memory ÷ blank window',
          value: median(memory.ours) / median(memory.blank),
          unit: '×',
          goal: 1.5,
        },
        { name: 'processor, hidden for a minute, of one core', value: idle, unit: '%', goal: 0.5 },
        { name: 'message sent to tray icon on the bus', value: median(times.tray), unit: 'ms', goal: 100 },
        { name: 'message sent to badge on the bus', value: median(times.badge), unit: 'ms', goal: 100 },
        { name: 'badge, slowest of 20', value: Math.max(...times.badge), unit: 'ms', goal: null },
      ];
      return figures;
    } finally {
      await desktop.stop();
      await server.dispose();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
