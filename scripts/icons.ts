// `npm run icons`: makes every picture in resources/icons/ and src/assets/stickers/ from the drawings in resources/. The
// results are committed, so that building and packaging need no rasteriser.
import { Resvg } from '@resvg/resvg-js';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pngToIco from 'png-to-ico';
import { TRAY_SIZES } from '../electron/main/desktop/tray-picture.ts';
import { icnsWidths, packIcns } from './icons/icns.ts';
import { badgeSheet } from './icons/tray-badges.ts';
import { runScript } from './lib/fatal.ts';
import { repositoryRoot } from './lib/paths.ts';

const resources = join(repositoryRoot, 'resources');
const target = join(resources, 'icons');

const appWidths = [16, 24, 32, 48, 64, 96, 128, 256, 512, 1024];
const windowsWidths = [16, 24, 32, 48, 64, 128, 256];
/** Pixels at a scale of 1; macOS wants 16 (it calls them points), the others scale what they get. */
const trayWidths = { template: 16, other: 24 };

/** Twice the size at which they are drawn. */
const STICKER_WIDTH = 256;

await runScript(async () => {
  const icon = await readFile(join(resources, 'icon.svg'), 'utf8');
  const tray = await readFile(join(resources, 'tray.svg'), 'utf8');
  await mkdir(target, { recursive: true });

  const appIcons = new Map(appWidths.map((width) => [width, rasterise(icon, width)]));
  for (const [width, png] of appIcons) await save(`${width}x${width}.png`, png);
  await save('icon.ico', await pngToIco(windowsWidths.map((width) => rasterise(icon, width))));
  await save('icon.icns', packIcns(new Map(icnsWidths.map((width) => [width, rasterise(icon, width)]))));

  // On a panel of any colour the app's own icon can be seen; macOS colours a template image itself.
  await saveAtBothScales('tray', icon, trayWidths.other);
  await saveAtBothScales('tray-black', tray, trayWidths.other);
  await saveAtBothScales('tray-white', tray.replace('<svg ', '<svg fill="#fff" '), trayWidths.other);
  await saveAtBothScales('trayTemplate', tray, trayWidths.template);
  await saveTrayDrawings(icon);

  // As files that any client can show: what is sent is the picture, not the drawing.
  const stickers = join(repositoryRoot, 'src/assets/stickers');
  await mkdir(stickers, { recursive: true });
  for (const name of await readdir(join(resources, 'stickers'))) {
    const drawing = await readFile(join(resources, 'stickers', name), 'utf8');
    await writeFile(join(stickers, name.replace(/\.svg$/u, '.png')), rasterise(drawing, STICKER_WIDTH));
  }
  console.log(`Icons are in ${target}, stickers in ${stickers}`);
  return 0;
});

/** For the icon with the number of unread messages: the mark and all badges, for each size a panel may want. */
async function saveTrayDrawings(icon: string): Promise<void> {
  await mkdir(join(target, 'tray'), { recursive: true });
  for (const size of TRAY_SIZES) {
    await save(`tray/mark-${size}.png`, rasterise(icon, size));
    await save(`tray/badges-${size}.png`, badgeSheet(size));
  }
}

async function saveAtBothScales(name: string, drawing: string, width: number): Promise<void> {
  await save(`${name}.png`, rasterise(drawing, width));
  await save(`${name}@2x.png`, rasterise(drawing, width * 2));
}

function rasterise(drawing: string, width: number): Buffer {
  return new Resvg(drawing, { fitTo: { mode: 'width', value: width } }).render().asPng();
}

async function save(name: string, content: Buffer): Promise<void> {
  await writeFile(join(target, name), content);
}
