import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A desktop that does not answer must not hold up a sound. */
const PATIENCE = 2_000;

/**
 * "Do Not Disturb" of GNOME. Its notification service does not tell (`Inhibited` is KDE's), and the portal does not pass
 * this setting on: the desktop's own tool reads it.
 */
export async function gnomeIsQuiet(environment: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  // Electron puts another name in the place of the real one.
  const desktop = environment['ORIGINAL_XDG_CURRENT_DESKTOP'] ?? environment['XDG_CURRENT_DESKTOP'] ?? '';
  if (!desktop.split(':').includes('GNOME')) return false;
  try {
    const question = ['get', 'org.gnome.desktop.notifications', 'show-banners'];
    const { stdout } = await promisify(execFile)('gsettings', question, {
      timeout: PATIENCE,
      env: environment,
    });
    return stdout.trim() === 'false';
  } catch {
    return false;
  }
}
