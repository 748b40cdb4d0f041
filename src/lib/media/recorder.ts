/** Records the microphone: how loud it is now, how loud it was, and at the end a file. */

/** Milliseconds. */
export const LONGEST_RECORDING = 60_000;
/** Shorter is a slip of the finger; milliseconds. */
export const SHORTEST_RECORDING = 600;

const SAMPLE_EVERY = 50;
const BARS = 60;

/** What other clients play comes first; the form upload of plain servers takes `mp4` and knows no `webm`. */
const FORMATS = [
  { type: 'audio/mp4;codecs=mp4a.40.2', ending: 'mp4' },
  { type: 'audio/mp4;codecs=opus', ending: 'mp4' },
  { type: 'audio/webm;codecs=opus', ending: 'webm' },
] as const;

export interface Recording {
  file: File;
  /** Milliseconds. */
  duration: number;
  /** Loudness, 0 to 100. */
  waveform: number[];
}

export interface Recorder {
  /** Ends it; null when it was too short to mean anything. */
  stop(): Promise<Recording | null>;
  /** Ends it, and nothing of it stays. */
  cancel(): void;
}

/**
 * @param onLevel hears the loudness (0 to 100) and the milliseconds so far
 * @param onEnd the longest time is over, or the microphone is gone
 * @throws DOMException `NotAllowedError` without permission, `NotFoundError` without a microphone
 */
export async function startRecording(
  onLevel: (level: number, elapsed: number) => void,
  onEnd: () => void,
): Promise<Recorder> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  });
  const format = FORMATS.find(({ type }) => MediaRecorder.isTypeSupported(type));
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 2048;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const levels: number[] = [];
  const parts: Blob[] = [];
  const recorder = new MediaRecorder(stream, {
    ...(format === undefined ? {} : { mimeType: format.type }),
    audioBitsPerSecond: 32_000,
  });
  recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
  const ended = new Promise<void>((resolve) => recorder.addEventListener('stop', () => resolve()));
  recorder.start(1_000);
  const begun = performance.now();
  const elapsed = (): number => Math.min(LONGEST_RECORDING, performance.now() - begun);

  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const level = loudness(samples);
    levels.push(level);
    onLevel(level, elapsed());
    if (elapsed() >= LONGEST_RECORDING) onEnd();
  }, SAMPLE_EVERY);
  const [track] = stream.getAudioTracks();
  track?.addEventListener('ended', onEnd);

  function release(): void {
    clearInterval(timer);
    track?.removeEventListener('ended', onEnd);
    if (recorder.state !== 'inactive') recorder.stop();
    for (const one of stream.getTracks()) one.stop();
    void context.close();
  }

  return {
    async stop() {
      const duration = Math.round(elapsed());
      release();
      await ended;
      if (duration < SHORTEST_RECORDING) return null;
      const type = (recorder.mimeType.split(';', 1)[0] ?? '').trim();
      const file = new File(parts, `voice.${format?.ending ?? 'webm'}`, { type });
      return { file, duration, waveform: inBars(levels) };
    },
    cancel: release,
  };
}

/** Decibels as people hear them: −50 dB is silence. */
function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / samples.length + 1e-9);
  return Math.round(Math.max(0, Math.min(100, (decibels + 50) * 2.2)));
}

/** At most {@link BARS} values, each the loudest of its part. */
export function inBars(levels: readonly number[]): number[] {
  const count = Math.min(BARS, levels.length);
  return Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * levels.length) / count);
    const to = Math.max(from + 1, Math.floor(((index + 1) * levels.length) / count));
    return Math.max(...levels.slice(from, to));
  });
}
