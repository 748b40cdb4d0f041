/** What other programs put on the clipboard of the system, in the formats in which they do, pasted with the keyboard. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { offerOnClipboard, pressKeys } from '../helpers/desktop/x11.ts';
import { png } from '../helpers/files/samples.ts';
import { expect, test } from './desktop-world.ts';
import { openChat } from './person.ts';

let folder = '';
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-clipboard-'));
});
test.afterEach(() => rm(folder, { recursive: true, force: true }));

/** What is in the field and above it when it was pasted. */
interface Outcome {
  /** Beginnings of the names of what waits in the tray. */
  tray?: readonly string[];
  field?: string;
  /** The picture could be this text instead. */
  asText?: string;
}

const picture = png(120, 90, [140, 40, 200]);
const table = 'Total\t42';
/** Text as programs of X11 offer it. */
const words = (text: string) => ({ 'text/plain;charset=utf-8': text, UTF8_STRING: text, 'text/plain': text });

function sources(paper: string, photo: string): [string, Record<string, string | Uint8Array>, Outcome][] {
  const [paperAddress, photoAddress] = [paper, photo].map((path) => pathToFileURL(path).href) as [
    string,
    string,
  ];
  const list = (...addresses: string[]) => addresses.map((address) => `${address}\r\n`).join('');
  const html = '<meta http-equiv="content-type" content="text/html; charset=utf-8">';
  const nautilus = (action: 'copy' | 'cut', ...addresses: string[]) => ({
    'x-special/gnome-copied-files': [action, ...addresses].join('\n'),
    'text/uri-list': list(...addresses),
    ...words(addresses.map((address) => decodeURI(address.slice('file://'.length))).join('\n')),
  });
  const dolphin = (isCut: boolean, ...addresses: string[]) => ({
    'text/uri-list': list(...addresses),
    'application/x-kde4-urilist': list(...addresses),
    ...words(addresses.map((address) => decodeURI(address.slice('file://'.length))).join('\n')),
    ...(isCut ? { 'application/x-kde-cutselection': '1' } : {}),
  });
  return [
    ['a tool for screenshots', { 'image/png': picture }, { tray: ['image'] }],
    [
      'a picture in a browser',
      {
        'text/html': `${html}<img src="https://pictures.example/cat.png" alt="A cat">`,
        'image/png': picture,
      },
      { tray: ['image'] },
    ],
    [
      'cells of an office program',
      {
        ...words(table),
        'text/html': `${html}<table><tr><td>Total</td><td>42</td></tr></table>`,
        'image/png': picture,
      },
      { tray: ['image'], asText: table },
    ],
    ['files of GNOME', nautilus('copy', paperAddress, photoAddress), { tray: ['paper', 'photo'] }],
    ['a picture that GNOME cuts', nautilus('cut', photoAddress), { tray: ['photo'] }],
    ['files of KDE', dolphin(false, paperAddress, photoAddress), { tray: ['paper', 'photo'] }],
    ['a picture that KDE cuts', dolphin(true, photoAddress), { tray: ['photo'] }],
    ['words', words('just words'), { field: 'just words' }],
    [
      'the address of a file as words',
      words(`see ${paperAddress}\nfor more`),
      { field: `see ${paperAddress}\nfor more` },
    ],
    ['nothing but the address of a file as words', words(paperAddress), { field: paperAddress }],
    [
      'words of a page in a browser',
      { ...words('bold words'), 'text/html': `${html}<b>bold words</b>` },
      { field: 'bold words' },
    ],
  ];
}

test('what programs copy is pasted as what it is', async ({ world, desktop }) => {
  const { magpie } = world;
  const { page } = magpie;
  await world.friend('ann_copies');
  await openChat(page, 'ann_copies');
  const [paper, photo] = [join(folder, 'paper 纸.txt'), join(folder, 'photo.png')];
  await writeFile(paper, 'a paper');
  await writeFile(photo, picture);
  const field = page.getByTestId('composer-input');
  const tray = page.getByTestId('attachment-item');
  const asText = page.getByTestId('paste-as-text');

  for (const [what, formats, outcome] of sources(paper, photo))
    await test.step(what, async () => {
      const clipboard = await offerOnClipboard(desktop.env, formats);
      await magpie.window.focus();
      await field.click();
      await pressKeys(desktop.env, 'key', 'ctrl+v');
      const names = outcome.tray ?? [];
      await expect(tray).toHaveCount(names.length);
      for (const [index, name] of names.entries())
        await expect(tray.nth(index)).toHaveAttribute('aria-label', new RegExp(`^${name}`, 'u'));
      await expect(field).toHaveValue(outcome.field ?? '');
      await expect(asText).toHaveCount(outcome.asText === undefined ? 0 : 1);
      if (outcome.asText !== undefined) {
        await asText.click();
        await expect(field).toHaveValue(outcome.asText);
        await expect(tray).toHaveCount(0);
      }
      clipboard.stop();
      for (let left = await tray.count(); left > 0; left--) {
        await tray.first().getByTestId('attachment-remove').click();
        await expect(tray).toHaveCount(left - 1);
      }
      await field.fill('');
    });
  expect(magpie.problems()).toEqual([]);
});
