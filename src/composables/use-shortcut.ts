import { onScopeDispose } from 'vue';
import { belongsToInputMethod } from '../lib/keyboard.ts';
import { onPageCommand, type PageCommand } from '../lib/page-commands.ts';

export interface Shortcut {
  key: string;
  /** Ctrl, or Cmd on a Mac. */
  mod?: boolean;
  alt?: boolean;
  shift?: boolean;
  /** Its name in the menu bar. */
  command?: PageCommand;
  /** False: the key is somebody else's right now. */
  enabled?: () => boolean;
}

/** Listens to the whole window; a dialog on top keeps the key to itself. */
export function useShortcut(shortcut: Shortcut, run: () => void): void {
  function onKey(event: KeyboardEvent): void {
    if (shortcut.enabled?.() === false) return;
    if (event.defaultPrevented || belongsToInputMethod(event)) return;
    if (event.key.toLowerCase() !== shortcut.key.toLowerCase()) return;
    if ((event.ctrlKey || event.metaKey) !== (shortcut.mod ?? false)) return;
    // Where a key gives its character with Shift only, as `/` on some keyboards, nobody asked about it.
    if (shortcut.shift === true && !event.shiftKey) return;
    if (event.altKey !== (shortcut.alt ?? false)) return;
    if (document.querySelector('[role="dialog"],[role="alertdialog"],[role="menu"]') !== null) return;
    event.preventDefault();
    run();
  }
  window.addEventListener('keydown', onKey);
  const { command, enabled } = shortcut;
  const stop =
    command === undefined
      ? undefined
      : onPageCommand(command, () => {
          if (enabled?.() !== false) run();
        });
  onScopeDispose(() => {
    window.removeEventListener('keydown', onKey);
    stop?.();
  });
}
