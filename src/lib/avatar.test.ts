import { describe, expect, it } from 'vitest';
import { avatarInitial, avatarTone, conversationSeed } from './avatar.ts';

describe('avatar', () => {
  it('gives twelve colleagues in a row twelve different tones', () => {
    const tones = Array.from({ length: 12 }, (_, index) => avatarTone(index + 40));
    expect(new Set(tones).size).toBe(12);
  });

  it('gives the same person the same tone in list, chat and contacts', () => {
    expect(avatarTone(conversationSeed('single:17'))).toBe(avatarTone(17));
  });

  it('stays in range for any seed', () => {
    for (const seed of ['group:3', 'service:x', '', 0, Number.MAX_SAFE_INTEGER, '9'.repeat(40)]) {
      expect(avatarTone(seed)).toBeGreaterThanOrEqual(0);
      expect(avatarTone(seed)).toBeLessThan(12);
    }
  });

  it('takes the first character as a person sees it', () => {
    expect(avatarInitial(' 林默')).toBe('林');
    expect(avatarInitial('😀x')).toBe('😀');
    expect(avatarInitial('')).toBe('?');
  });
});
