import { afterEach, expect, test, vi } from 'vitest';
import { beginToSound, silence } from './sounding.ts';

afterEach(() => vi.unstubAllGlobals());

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

/** What one says, all others hear, at once: with the real one a message of earlier could still be on its way. */
class Wire {
  static readonly all = new Set<Wire>();
  onmessage: (() => void) | null = null;
  constructor() {
    Wire.all.add(this);
  }
  postMessage(): void {
    for (const other of Wire.all) if (other !== this) other.onmessage?.();
  }
}
/** Every window has modules of its own. */
async function openWindow() {
  vi.resetModules();
  return import('./sounding.ts');
}

test('what begins to sound in one window, and the microphone there, stops what is heard in another', async () => {
  vi.stubGlobal('BroadcastChannel', Wire);
  const [main, own] = [await openWindow(), await openWindow()];
  const [voice, film] = [{ pause: vi.fn() }, { pause: vi.fn() }];
  main.beginToSound(voice);
  own.beginToSound(film);
  expect(voice.pause).toHaveBeenCalledTimes(1);
  expect(film.pause).not.toHaveBeenCalled();

  main.beginToSound(voice);
  expect(film.pause).toHaveBeenCalledTimes(1);
  expect(voice.pause).toHaveBeenCalledTimes(1);
  own.silence();
  expect(voice.pause).toHaveBeenCalledTimes(2);
});
