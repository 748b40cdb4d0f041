/** Endings of files that run something when they are opened, on any of the three systems. */
const PROGRAMS = new Set(
  (
    'action apk app appimage bash bat bin cmd com command cpl csh deb desktop dll dmg elf exe gadget hta inf ins inx ' +
    'ipa isu jar job js jse ksh lnk mpkg msc msh msi msp mst osx out paf pif pkg prg ps1 ps2 psc1 psm1 py pyc rb reg ' +
    'rgs rpm run scr sct sh shb shs snap so sys terminal tool u3p url vb vbe vbs vbscript workflow ws wsf wsh xpi zsh'
  ).split(' '),
);

/** Should a person be asked before this is opened? */
export function isProgram(name: string): boolean {
  const parts = name.toLowerCase().trimEnd().split('.');
  return parts.length > 1 && PROGRAMS.has(parts.at(-1) ?? '');
}
