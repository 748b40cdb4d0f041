/** Records the microphone: how loud it is now, how loud it was, and at the end a file. */
import { openMicrophone } from './devices.ts';
import { recordStream } from './stream-recorder.ts';

/** Shorter is a slip of the finger; milliseconds. */
export const SHORTEST_RECORDING = 600;

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
  const stream = await openMicrophone();
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 2048;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const levels: number[] = [];
  const recording = recordStream(stream, {
    formats: FORMATS,
    audioBitsPerSecond: 32_000,
    onElapsed(elapsed) {
      analyser.getFloatTimeDomainData(samples);
      const level = loudness(samples);
      levels.push(level);
      onLevel(level, elapsed);
    },
    onEnd,
  });

  return {
    async stop() {
      void context.close();
      const { content, ending, duration } = await recording.stop();
      if (duration < SHORTEST_RECORDING) return null;
      const file = new File([content], `voice.${ending}`, { type: content.type });
      return { file, duration, waveform: inBars(levels) };
    },
    cancel() {
      void context.close();
      recording.cancel();
    },
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
