import { describe, expect, it } from 'vitest';
import { meaningOfEnter, type KeyPress } from './keyboard.ts';

const enter: KeyPress = {
  key: 'Enter',
  keyCode: 13,
  isComposing: false,
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
};

describe('meaningOfEnter', () => {
  it('sends on Enter and breaks with a modifier', () => {
    expect(meaningOfEnter(enter, 'enter')).toBe('send');
    expect(meaningOfEnter({ ...enter, shiftKey: true }, 'enter')).toBe('none');
    expect(meaningOfEnter({ ...enter, ctrlKey: true }, 'enter')).toBe('break');
  });
  it('sends on the modified key when the person chose so', () => {
    expect(meaningOfEnter(enter, 'mod-enter')).toBe('none');
    expect(meaningOfEnter({ ...enter, metaKey: true }, 'mod-enter')).toBe('send');
  });
  it('never sends while an input method is at work', () => {
    expect(meaningOfEnter({ ...enter, isComposing: true }, 'enter')).toBe('none');
    expect(meaningOfEnter({ ...enter, keyCode: 229 }, 'enter')).toBe('none');
    expect(meaningOfEnter({ ...enter, keyCode: 229, ctrlKey: true }, 'mod-enter')).toBe('none');
  });
});
