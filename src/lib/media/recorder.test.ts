import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LONGEST_RECORDING, startRecording } from './recorder.ts';

/** A microphone that is always a little loud; what the platform would do with it. */
class Recording extends EventTarget {
  static isTypeSupported = () => true;
  state = 'inactive';
  mimeType = 'audio/mp4;codecs=opus';
  start(): void {
    this.state = 'recording';
  }
  stop(): void {
    this.state = 'inactive';
    this.dispatchEvent(Object.assign(new Event('dataavailable'), { data: new Blob(['sound']) }));
    this.dispatchEvent(new Event('stop'));
  }
}
const track = Object.assign(new EventTarget(), { stop: vi.fn() });

beforeEach(() => {
  vi.useFakeTimers();
  const stream = { getAudioTracks: () => [track], getTracks: () => [track] };
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: () => Promise.resolve(stream) } });
  vi.stubGlobal('MediaRecorder', Recording);
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
  expect(track.stop).toHaveBeenCalled();
  const told = elapsed.length;
  vi.advanceTimersByTime(5_000);
  expect(elapsed).toHaveLength(told);
});

test('a slip of the finger is no message', async () => {
  const recorder = await startRecording(() => undefined, vi.fn());
  vi.advanceTimersByTime(300);
  expect(await recorder.stop()).toBeNull();
});
