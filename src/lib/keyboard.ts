import type { SendKey } from '#protocol/model/settings';

export interface KeyPress {
  key: string;
  keyCode: number;
  isComposing: boolean;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/**
 * True while an input method still owns the key. Some of them end the composition before the key arrives, so that
 * `isComposing` is false already; the key code 229 tells those.
 */
export function belongsToInputMethod(event: Pick<KeyPress, 'isComposing' | 'keyCode'>): boolean {
  return event.isComposing || event.keyCode === 229;
}

export type EnterMeaning = 'send' | 'break' | 'none';

/** What Enter does in the composer; `none` leaves the key alone. `break` must be typed for the person. */
export function meaningOfEnter(event: KeyPress, sendKey: SendKey): EnterMeaning {
  if (event.key !== 'Enter' || belongsToInputMethod(event)) return 'none';
  const modified = event.ctrlKey || event.metaKey;
  if (sendKey === 'mod-enter') return modified ? 'send' : 'none';
  if (event.shiftKey) return 'none';
  return modified || event.altKey ? 'break' : 'send';
}
