import { onScopeDispose } from 'vue';
import { belongsToInputMethod } from '../lib/keyboard.ts';

export interface Shortcut {
  key: string;
  /** Ctrl, or Cmd on a Mac. */
  mod?: boolean;
  alt?: boolean;
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
    if (event.altKey !== (shortcut.alt ?? false)) return;
    if (document.querySelector('[role="dialog"],[role="alertdialog"],[role="menu"]') !== null) return;
    event.preventDefault();
    run();
  }
  window.addEventListener('keydown', onKey);
  onScopeDispose(() => window.removeEventListener('keydown', onKey));
}
