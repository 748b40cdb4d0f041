import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeRecorder, fakeDevices, type FakeDevices } from './devices.fixture.ts';
import { startRecording } from './recorder.ts';
import { LONGEST_RECORDING } from './stream-recorder.ts';

let devices: FakeDevices;

beforeEach(() => {
  vi.useFakeTimers();
  devices = fakeDevices();
  vi.stubGlobal('navigator', { mediaDevices: devices.mediaDevices });
  vi.stubGlobal('MediaRecorder', FakeRecorder);
  // A microphone that is always a little loud.
  vi.stubGlobal(
    'AudioContext',
    class {
      createAnalyser = () => ({ fftSize: 0, getFloatTimeDomainData: (into: Float32Array) => into.fill(0.1) });
      createMediaStreamSource = () => ({ connect: () => undefined });
      close = () => Promise.resolve();
    },
  );
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('after a minute a recording ends by itself, is not longer than that, and lets go of the microphone', async () => {
  const ended = vi.fn();
  const elapsed: number[] = [];
  const recorder = await startRecording((_level, milliseconds) => elapsed.push(milliseconds), ended);
  vi.advanceTimersByTime(LONGEST_RECORDING - 100);
  expect(ended).not.toHaveBeenCalled();
  vi.advanceTimersByTime(5_000);
  expect(ended).toHaveBeenCalled();
  expect(Math.max(...elapsed)).toBe(LONGEST_RECORDING);
  const made = await recorder.stop();
  expect(made?.duration).toBe(60_000);
  expect(made?.file.name).toBe('voice.mp4');
  expect(made?.waveform).toHaveLength(60);
  expect(devices.tracks.map(({ live }) => live)).toEqual([false]);
  const told = elapsed.length;
  vi.advanceTimersByTime(5_000);
  expect(elapsed).toHaveLength(told);
});

test('a slip of the finger is no message', async () => {
  const recorder = await startRecording(() => undefined, vi.fn());
  vi.advanceTimersByTime(300);
  expect(await recorder.stop()).toBeNull();
});
