/**
 * The rooms' walls stand: each row is a deliberate violation, linted as if it stood in that file, and must be refused;
 * its neighbour is an import that the same wall must let through.
 */
import { ESLint } from 'eslint';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const eslint = new ESLint({ cwd: root });

async function boundaryErrors(file: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: `${root}${file}` });
  const rules = /restricted|no-cycle/;
  return (result?.messages ?? [])
    .filter((message) => message.severity === 2 && rules.test(message.ruleId ?? ''))
    .map((message) => message.ruleId ?? '');
}

const refused: [wall: string, file: string, code: string][] = [
  ['protocol → anything but the schema library', 'protocol/x.ts', "import 'ws';"],
  ['protocol → server', 'protocol/x.ts', "import '../server/config.ts';"],
  ['window → Node', 'src/stores/x.ts', "import 'node:fs';"],
  ['window → Electron', 'src/app/x.ts', "import 'electron';"],
  ['window → main process', 'src/app/x.ts', "import '../../electron/main/index.ts';"],
  ['window → server', 'src/app/x.ts', "import '../../server/config.ts';"],
  ['feature → other feature', 'src/features/chat/x.ts', "import '../contacts/ContactsPage.vue';"],
  ['store → app', 'src/stores/x.ts', "import '../app/main.ts';"],
  ['component → bridge', 'src/components/x.ts', "import '../bridge.ts';"],
  ['lib → bridge', 'src/lib/x.ts', "import '../bridge.ts';"],
  ['window → Electron, dynamically', 'src/lib/x.ts', "void import('electron');"],
  ['protocol → anything, dynamically', 'protocol/x.ts', "void import('electron');"],
  [
    'any window file → window.magpie by name',
    'src/lib/x.ts',
    "export const x = (window as never)['magpie'];",
  ],
  ['any window file → window.magpie', 'src/stores/x.ts', 'export const x = window.magpie;'],
  ['server → electron', 'server/domain/x.ts', "import 'electron';"],
  ['server → window', 'server/domain/x.ts', "import '../../src/bridge.ts';"],
  ['server rules → transport', 'server/domain/x.ts', "import '../http/parameters.ts';"],
  ['server routes → storage', 'server/http/routes/x.ts', "import '../../storage/storage.ts';"],
  [
    'server sockets → storage',
    'server/ws/x.ts',
    "import type { A } from '../storage/records.ts'; export type B = A;",
  ],
  ['main → window', 'electron/main/app/x.ts', "import '../../../src/bridge.ts';"],
  ['main → server', 'electron/main/session/x.ts', "import '../../../server/config.ts';"],
  ['history → Electron', 'electron/main/history/x.ts', "import { app } from 'electron'; app.quit();"],
  ['messaging → Electron', 'electron/main/messaging/x.ts', "import { app } from 'electron'; app.quit();"],
  [
    'not the bridge → ipcMain',
    'electron/main/app/x.ts',
    "import { ipcMain } from 'electron'; ipcMain.emit('x');",
  ],
  ['preload → schemas', 'electron/preload/x.ts', "import { invokes } from '#protocol/ipc'; invokes;"],
  ['shipped code → tests', 'server/domain/x.ts', "import '../../tests/e2e/fixtures.ts';"],
];

const allowed: [wall: string, file: string, code: string][] = [
  ['protocol → schema library', 'protocol/x.ts', "import { z } from 'zod'; export const s = z.string();"],
  ['window → protocol', 'src/stores/x.ts', "export * from '#protocol/errors';"],
  ['feature → store', 'src/features/chat/x.ts', "import '../../stores/session.ts';"],
  ['main → protocol', 'electron/main/history/x.ts', "export * from '#protocol/errors';"],
  ['bridge → ipcMain', 'electron/main/bridge/x.ts', "import { ipcMain } from 'electron'; ipcMain.emit('x');"],
  ['http → domain', 'server/http/x.ts', "import '../domain/errors.ts';"],
  ['preload → channel names', 'electron/preload/x.ts', "export * from '#protocol/ipc-channels';"],
];

describe('import boundaries', () => {
  it.each(refused)('refuses %s', async (_wall, file, code) => {
    expect(await boundaryErrors(file, code)).not.toEqual([]);
  });

  it.each(allowed)('allows %s', async (_wall, file, code) => {
    expect(await boundaryErrors(file, code)).toEqual([]);
  });
});
