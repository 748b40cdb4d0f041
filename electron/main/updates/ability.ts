import { accessSync, constants, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { dirname, isAbsolute, join } from 'node:path';
import type { UpdateAbility } from '#protocol/model/update';

export interface Installation {
  platform: NodeJS.Platform;
  isPackaged: boolean;
  /** Path of the running program. */
  program: string;
  /** Folder beside the app's code, where package managers' packages carry their mark. */
  resources: string;
  /** `APPIMAGE` as its runtime sets it. */
  appImage: string | undefined;
}

/** How this copy of the app came to this computer, and so how it gets newer. */
export function abilityOf(installation: Installation): UpdateAbility {
  const { platform, isPackaged, appImage } = installation;
  if (platform === 'linux' && appImage !== undefined && isAbsolute(appImage))
    return isWritable(dirname(appImage)) ? 'itself' : 'elsewhere';
  if (!isPackaged) return 'none';
  if (platform === 'linux') return packageType(installation.resources) === null ? 'none' : 'package';
  // Installed for one person it lies among their files; for all of them an administrator has to come.
  const folder = dirname(installation.program);
  const mayWrite = platform === 'win32' ? takesFiles(folder) : isWritable(folder);
  return mayWrite ? 'itself' : 'elsewhere';
}

/** The kind of system package this is, as electron-builder notes it; null for none. */
export function packageType(resources: string): 'deb' | 'rpm' | null {
  try {
    const type = readFileSync(join(resources, 'package-type'), 'utf8').trim();
    return type === 'deb' || type === 'rpm' ? type : null;
  } catch {
    return null;
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** By trying: Windows answers `access` from an attribute of the folder, whatever the permissions say. */
function takesFiles(folder: string): boolean {
  const file = join(folder, `.magpie-${randomUUID()}`);
  try {
    writeFileSync(file, '', { flag: 'wx' });
    rmSync(file);
    return true;
  } catch {
    return false;
  }
}
