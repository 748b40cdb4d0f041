import { extname } from 'node:path';
import { safeName } from './places.ts';

/** Endings of files that run something, or bring in what does, when they are opened, on any of the three systems. */
const PROGRAMS = new Set(
  (
    'action apk app appimage appinstaller application appref-ms appx appxbundle bash bat bin chm cmd com ' +
    'command cpl csh deb desktop diagcab dll dmg elf exe fileloc flatpak flatpakref gadget hta img inetloc ' +
    'inf ins inx ipa iso isu jar jnlp job js jse ksh lnk mpkg msc msh msi msix msixbundle msp mst msu osx ' +
    'out paf pif pkg prg ps1 ps1xml ps2 psc1 psd1 psm1 py pyc pyw pyz rb reg rgs rpm run scf scr sct ' +
    'settingcontent-ms sh shb shs snap so sys terminal tool u3p url vb vbe vbs vbscript vhd vhdx webloc ' +
    'workflow ws wsf wsh xll xpi zsh'
  ).split(' '),
);

/** Should a person be asked before this is opened? Judged is the name that it would be written under. */
export function isProgram(name: string): boolean {
  return PROGRAMS.has(extname(safeName(name)).slice(1).toLowerCase());
}
