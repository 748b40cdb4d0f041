/** Where the pictures are taken: a desktop, a server, and an app of the right size. */
import type { DesktopSession } from '../../tests/helpers/desktop/desktop-session.ts';
import { MagpieProcess } from '../../tests/helpers/magpie-process.ts';
import type { ServerProcess } from '../../tests/helpers/server-process.ts';

export interface Stage {
  desktop: DesktopSession;
  electronPath: string;
  server: ServerProcess;
}

export async function launch(
  { desktop, electronPath }: Stage,
  env: Record<string, string> = {},
): Promise<MagpieProcess> {
  const magpie = await MagpieProcess.launch(electronPath, desktop, { locale: 'en-US', env });
  await magpie.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setSize(1_120, 760));
  await magpie.page.emulateMedia({ reducedMotion: 'reduce' });
  return magpie;
}
