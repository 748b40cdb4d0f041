/**
 * Switches that Electron needs because of where it runs, and not because of what the app is.
 *
 * @param virtual whether the display is one that nobody sees
 * @param userId the numeric user, as `process.getuid` gives it; undefined on Windows
 */
export function electronFlags(virtual: boolean, userId: number | undefined = process.getuid?.()): string[] {
  if (!virtual) return [];
  // There is no graphics card: without the first, a GPU process fails and restarts at each start. Chromium's sandbox
  // refuses to work for root, and only a machine without a screen (a container, a build server) is run as root.
  return userId === 0 ? ['--disable-gpu', '--no-sandbox'] : ['--disable-gpu'];
}
