/** Debian packages that a feature of the desktop needs, by what they are for. */
export const electronLibraries = [
  'libgtk-3-0',
  'libnss3',
  'libasound2',
  'libgbm1',
  'libcups2',
  'libxkbcommon0',
  'libatk-bridge2.0-0',
  'libdrm2',
  'libxcomposite1',
  'libxdamage1',
  'libxrandr2',
  'libxfixes3',
  'libudev1',
  // Loaded at run time only if present: notifications, launcher badge, sound.
  'libnotify4',
  'libunity9',
  'libpulse0',
];

/** A display without a screen: server, session bus, window manager, screenshots, fonts for every script. */
export const virtualDisplay = [
  'xvfb',
  'xauth',
  'dbus-daemon',
  'openbox',
  'x11-utils',
  'imagemagick',
  'fonts-dejavu-core',
  'fonts-noto-cjk',
  'fonts-noto-color-emoji',
];

/** What the end-to-end tests use to act and look as a person would, from outside the app. */
export const testTools = [
  'wmctrl',
  'xdotool',
  'xclip',
  'python3-gi',
  'gir1.2-gtk-3.0',
  'xdg-utils',
  'desktop-file-utils',
  'pulseaudio',
  'pulseaudio-utils',
  'sox',
  'weston',
  'xwayland',
];

/** What the packages for Linux are made and looked into with. */
export const packagingTools = ['dpkg', 'rpm', 'squashfs-tools', 'p7zip-full', 'desktop-file-utils'];

/**
 * `run` is enough to show the app without a screen; `test` adds what the end-to-end tests need; `package` is for making
 * packages and nothing else.
 */
export type PackageSet = 'run' | 'test' | 'package';

/** All packages of a set. */
export function packagesFor(set: PackageSet): string[] {
  if (set === 'package') return packagingTools;
  const run = [...electronLibraries, ...virtualDisplay];
  return set === 'test' ? [...run, ...testTools] : run;
}

/**
 * Which of the wanted packages are not installed.
 *
 * Newer Debian and Ubuntu releases renamed some libraries to end in `t64`; those count as well.
 *
 * @param statusLines the output of `dpkg-query -W -f '${Package} ${db:Status-Status}\n'`
 */
export function missingPackages(wanted: readonly string[], statusLines: string): string[] {
  const present = new Set(
    statusLines
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.slice(0, line.indexOf(' '))),
  );
  return wanted.filter((name) => !present.has(name) && !present.has(`${name}t64`));
}
