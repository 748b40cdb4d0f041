import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensurePackages } from '../desktop/apt.ts';
import { cacheFolder, repositoryRoot } from '../lib/paths.ts';

/** The length that electron-builder's own runtime check and our stand-in agree on, bytes. */
const RUNTIME_LENGTH = 4096;

/**
 * The variables that make electron-builder use Debian's tools and our stand-ins instead of its own downloads.
 *
 * @throws {ActionableError} when a tool is missing and cannot be installed from here
 */
export async function offlineTools(): Promise<NodeJS.ProcessEnv> {
  await ensurePackages('package');
  return {
    CUSTOM_FPM_PATH: join(repositoryRoot, 'packaging/fpm-lite.mjs'),
    ELECTRON_BUILDER_7ZIP_PATH: '/usr/bin/7za',
    ELECTRON_BUILDER_COMPRESSION_LEVEL: '1',
    APPIMAGE_TOOLS_PATH: await appImageTools(),
  };
}

async function appImageTools(): Promise<string> {
  const folder = join(cacheFolder(), 'appimage-tools');
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'runtimes'), { recursive: true });
  await mkdir(join(folder, 'lib/x64'), { recursive: true });
  await symlink('/usr/bin/mksquashfs', join(folder, 'mksquashfs'));
  await symlink('/usr/bin/desktop-file-validate', join(folder, 'desktop-file-validate'));
  const script = await readFile(join(repositoryRoot, 'packaging/appimage-test-runtime.sh'), 'utf8');
  const runtime = join(folder, 'runtimes/runtime-x64');
  // The squashfs follows right behind it; the shell must have ended by then, which `exit` in the script sees to.
  await writeFile(runtime, script.padEnd(RUNTIME_LENGTH, '\n'));
  await chmod(runtime, 0o755);
  return folder;
}
