import { expect, test } from 'vitest';
import { isProgram } from './programs.ts';

test('programs are known by their ending', () => {
  for (const name of ['a.exe', 'b.SH', 'photo.jpg.scr', 'x.desktop', 'y.AppImage'])
    expect(isProgram(name)).toBe(true);
  // As they would be written: what Windows or we ourselves take off the end is no disguise.
  for (const name of [
    'a.exe.',
    'a.exe. .',
    'a.exe\u3000',
    'a.bat   '.padEnd(60, ' ').concat('x'),
    'x.webloc',
  ])
    expect([name, isProgram(name)]).toEqual([name, true]);
  for (const name of ['setup.appref-ms', 'a.settingcontent-ms', 'disk.ISO', 'a.chm', 'a.msix', 'a.ps1xml'])
    expect([name, isProgram(name)]).toEqual([name, true]);
  for (const name of ['a.pdf', 'exe', 'b.png', 'notes.txt']) expect(isProgram(name)).toBe(false);
});
