// Every misconfiguration that the lint rules promise to find, planted and found; and the code as it is passes.
import { resolve } from 'node:path';
import { ESLint } from 'eslint';
import { beforeAll, describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const eslint = new ESLint({ cwd: root });

async function found(code: string, filePath = 'electron/main/app/planted.ts'): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: resolve(root, filePath) });
  return (result?.messages ?? [])
    .map(({ ruleId }) => ruleId ?? 'syntax')
    .filter((rule) => rule.startsWith('electron-security/'));
}

// The first file brings the whole configuration of the project into memory.
beforeAll(() => found('export {};'), 60_000);

const HARDENED = 'sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false';

describe('misconfigurations are found', () => {
  test.each([
    ...['nodeIntegration', 'nodeIntegrationInWorker', 'nodeIntegrationInSubFrames', 'webviewTag'].map(
      (name) => [`export const a = { ${name}: true };`, 'no-weak-options'] as const,
    ),
    ...['sandbox', 'contextIsolation', 'webSecurity', 'rejectUnauthorized'].map(
      (name) => [`export const a = { ${name}: false };`, 'no-weak-options'] as const,
    ),
    ['export const a = { allowRunningInsecureContent: true };', 'no-weak-options'],
    ['export const a = { experimentalFeatures: true };', 'no-weak-options'],
    ["export const a = { enableBlinkFeatures: 'x' };", 'no-weak-options'],
    ['export const a = { privileges: { bypassCSP: true } };', 'no-weak-options'],
    ["export const a = () => ({ action: 'allow' });", 'no-weak-options'],
    ["process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';", 'no-weak-options'],
    ["import { spawn } from 'node:child_process'; spawn('a', { shell: true });", 'no-weak-options'],
    ["import { shell } from 'electron'; void shell.openExternal('x');", 'no-dangerous-calls'],
    ["import { shell } from 'electron'; void shell.openPath('x');", 'no-dangerous-calls'],
    ["import { exec } from 'node:child_process'; exec('x');", 'no-dangerous-calls'],
    ["import { app } from 'electron'; app.on('certificate-error', () => undefined);", 'no-dangerous-calls'],
    ["import { app } from 'electron'; app.commandLine.appendSwitch('no-sandbox');", 'no-dangerous-calls'],
    [
      "import { app } from 'electron'; app.commandLine.appendSwitch('ignore-certificate-errors');",
      'no-dangerous-calls',
    ],
    [
      "import { session } from 'electron'; session.defaultSession.setCertificateVerifyProc(null);",
      'no-dangerous-calls',
    ],
    [
      "import type { WebContents } from 'electron'; export const a = (w: WebContents) => w.executeJavaScript('1');",
      'no-dangerous-calls',
    ],
    [
      "import type { BrowserWindow } from 'electron'; export const a = (w: BrowserWindow) => w.loadFile('a.html');",
      'no-dangerous-calls',
    ],
    ["eval('1');", 'no-dangerous-calls'],
    ["export const a = new Function('return 1');", 'no-dangerous-calls'],
    ["import { BrowserWindow } from 'electron'; new BrowserWindow();", 'windows-are-hardened'],
    [
      "import { BrowserWindow } from 'electron'; new BrowserWindow({ webPreferences: {} });",
      'windows-are-hardened',
    ],
    [
      `import { BrowserWindow } from 'electron'; const p = { ${HARDENED} }; new BrowserWindow({ webPreferences: p });`,
      'windows-are-hardened',
    ],
    [
      `import { BrowserWindow } from 'electron'; new BrowserWindow({ webPreferences: { ${HARDENED.replace('sandbox: true', 'sandbox: !1')} } });`,
      'windows-are-hardened',
    ],
  ] as [string, string][])('%s', async (code, rule) => {
    expect(await found(code)).toContain(`electron-security/${rule}`);
  });

  test.each([
    "import { contextBridge, ipcRenderer } from 'electron'; contextBridge.exposeInMainWorld('x', ipcRenderer);",
    "import { contextBridge, ipcRenderer } from 'electron'; contextBridge.exposeInMainWorld('x', { ipcRenderer });",
    "import { contextBridge, ipcRenderer } from 'electron'; contextBridge.exposeInMainWorld('x', { ...ipcRenderer });",
  ])('in the preload: %s', async (code) => {
    expect(await found(code, 'electron/preload/planted.ts')).toContain(
      'electron-security/no-dangerous-calls',
    );
  });
});

test('what is hardened passes', async () => {
  expect(
    await found(
      `import { BrowserWindow } from 'electron'; new BrowserWindow({ webPreferences: { ${HARDENED} } });`,
    ),
  ).toEqual([]);
  expect(await found("export const a = /x/.exec('y');")).toEqual([]);
});
