import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** How the app is started on this machine: the program, and what it needs before our own arguments. */
export interface StartCommand {
  program: string;
  args: readonly string[];
}

/** The system's own switch on macOS and Windows. */
export interface LoginItems {
  get(): boolean;
  set(openAtLogin: boolean): void;
}

export interface AutostartOptions {
  platform: NodeJS.Platform;
  environment: NodeJS.ProcessEnv;
  start: StartCommand;
  loginItems: LoginItems;
}

/** A Linux desktop starts what lies in this folder. */
export function autostartFile(environment: NodeJS.ProcessEnv): string {
  const configuration = environment['XDG_CONFIG_HOME'] || join(environment['HOME'] ?? '', '.config');
  return join(configuration, 'autostart', 'magpie.desktop');
}

/** What the desktop reads: starts the app without showing its window. */
export function autostartEntry({ program, args }: StartCommand): string {
  const command = [program, ...args, '--hidden'].map(quoted).join(' ');
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Magpie',
    'Comment=Messages for your team',
    'Comment[zh_CN]=团队消息',
    `Exec=${command}`,
    'Icon=magpie',
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n');
}

/** One argument of an `Exec` line, by the rules of the Desktop Entry Specification. */
function quoted(argument: string): string {
  const plain = argument.replace(/%/gu, '%%');
  if (/^[\w@%+=:,./-]+$/u.test(plain)) return plain;
  // First the quotes of the command line, then those of the file, which has backslashes of its own.
  return `"${plain.replace(/["`$\\]/gu, '\\$&')}"`.replace(/\\/gu, '\\\\');
}

/** Windows keeps an entry that somebody switched off in its task manager, and says beside it that it will not be started. */
export function startsAtLogin(
  platform: NodeJS.Platform,
  found: { openAtLogin: boolean; executableWillLaunchAtLogin: boolean },
): boolean {
  return found.openAtLogin && (platform !== 'win32' || found.executableWillLaunchAtLogin);
}

/** How desktops switch an entry off without removing it. */
const SWITCHED_OFF = /^(?:Hidden\s*=\s*true|X-GNOME-Autostart-enabled\s*=\s*false)\s*$/mu;

/** Whether the system starts the app; a person can take that back in the system too. */
export function isAutostarted({ platform, environment, loginItems }: AutostartOptions): Promise<boolean> {
  if (platform !== 'linux') return Promise.resolve(loginItems.get());
  return readFile(autostartFile(environment), 'utf8').then(
    (entry) => !SWITCHED_OFF.test(entry),
    () => false,
  );
}

/** Has the app started, hidden, when the person signs in to the system; or no longer. */
export async function setAutostart(enabled: boolean, options: AutostartOptions): Promise<void> {
  if (options.platform !== 'linux') return options.loginItems.set(enabled);
  const file = autostartFile(options.environment);
  if (!enabled) return rm(file, { force: true });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, autostartEntry(options.start));
}
