import { expect, test, vi } from 'vitest';
import { beginToSound, silence } from './sounding.ts';

test('what begins to sound stops what was heard, and goes on undisturbed when it begins again', () => {
  const [voice, film] = [{ pause: vi.fn() }, { pause: vi.fn() }];
  beginToSound(voice);
  beginToSound(voice);
  expect(voice.pause).not.toHaveBeenCalled();
  beginToSound(film);
  expect(voice.pause).toHaveBeenCalledTimes(1);
  expect(film.pause).not.toHaveBeenCalled();
  beginToSound(voice);
  expect(film.pause).toHaveBeenCalledTimes(1);
  silence();
  expect(voice.pause).toHaveBeenCalledTimes(2);
  silence();
  expect(voice.pause).toHaveBeenCalledTimes(2);
});
