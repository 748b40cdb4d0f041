/** What pictures cost: from the hand to the other's screen, a conversation full of them, many uploads at once, and a huge one. */
import { rmSync } from 'node:fs';
import { withDesktop } from '../../scripts/desktop/with-desktop.ts';
import { provideElectron } from '../../scripts/electron/provide-electron.ts';
import { buildIfNeeded } from '../../scripts/lib/build-app.ts';
import { MagpieProcess } from '../helpers/magpie-process.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { dropTimes, scrollTimes } from './media/in-the-app.ts';
import { largeUpload } from './media/large-upload.ts';
import { uploadsToBareLoop, uploadsToOurs } from './media/parallel-uploads.ts';

const PICTURES = Number(process.env['MAGPIE_BENCH_PICTURES'] ?? 2_000);
const MEBIBYTE = 1024 * 1024;
const [SMALL, LARGE, HUGE] = [1, 8, 4096];

export const benchmark: Benchmark = {
  title: `A photo of 12 megapixels, ${PICTURES} pictures in a conversation, 100 uploads at once, and one of 4 GiB`,
  async run() {
    await buildIfNeeded();
    const { executablePath } = await provideElectron();
    const folder = temporaryFolder('bench');
    const figures: Figure[] = [];
    const tell = (name: string, value: number, unit: string, goal: number | null = null) =>
      figures.push({ name, value, unit, goal });
    try {
      await withDesktop('test', async (desktop) => {
        // Whoever made the desktop ends it.
        const session = { ...desktop, stop: async () => undefined };
        const launch = () => MagpieProcess.launch(executablePath, session);
        const drop = await dropTimes(folder, launch);
        tell('photo: size', drop.size / MEBIBYTE, 'MiB');
        tell('photo: plain upload of the same bytes', drop.plain, 'ms');
        for (const form of ['compress', 'original'] as const) {
          const { tray, bubble, delivered } = drop[form];
          const name = form === 'compress' ? 'photo, made smaller' : 'photo, as it is';
          tell(`${name}: drop to its place in the tray`, tray, 'ms');
          tell(`${name}: drop to the painted bubble`, bubble, 'ms');
          tell(`${name}: drop to the screen of the other`, delivered, 'ms');
          tell(`${name}: bubble ÷ plain upload`, bubble / drop.plain, '×', 3);
          tell(`${name}: delivered ÷ plain upload`, delivered / drop.plain, '×', 6);
        }
        const { longestTask, early, half, late } = await scrollTimes(PICTURES, launch);
        tell(`scrolling ${PICTURES} pictures: longest task`, longestTask, 'ms', 50);
        tell('scrolling: own memory of the page after a tenth', early.own, 'MiB');
        tell('scrolling: own memory at the end ÷ after a tenth', late.own / early.own, '×', 1.2);
        tell('scrolling: own memory at the end ÷ at half', late.own / half.own, '×', 1.2);
        tell('scrolling: with decoded pictures, at half', half.all, 'MiB');
        tell('scrolling: with decoded pictures, at the end ÷ at half', late.all / half.all, '×', 1.2);
      });
      await uploadsToOurs(MEBIBYTE / 4);
      const small = await uploadsToOurs(SMALL * MEBIBYTE);
      const ours = await uploadsToOurs(LARGE * MEBIBYTE);
      const bare = await uploadsToBareLoop(LARGE * MEBIBYTE);
      tell(`100 uploads of ${LARGE} MiB: ours`, (100 * LARGE * 1000) / ours.took, 'MiB/s');
      tell(
        `100 uploads of ${LARGE} MiB: writing to the disk alone`,
        (100 * LARGE * 1000) / bare.took,
        'MiB/s',
      );
      tell('uploads: time of ours ÷ of the bare loop', ours.took / bare.took, '×', 3);
      tell(`uploads: memory grown by, at ${LARGE} MiB each`, ours.grown, 'MiB');
      tell(`uploads: memory at ${LARGE} MiB each ÷ at ${SMALL} MiB`, ours.grown / small.grown, '×', 2);
      const large = await largeUpload(HUGE * MEBIBYTE);
      tell(`upload of ${HUGE} MiB: memory of the app grown by`, large.grown, 'MiB', 64);
      tell(`upload of ${HUGE} MiB: from its choice to its address`, large.took / 1000, 's');
      return figures;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
