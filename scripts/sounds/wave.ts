/** Samples per second: enough for the overtones of a short bell. */
export const SAMPLE_RATE = 32_000;

export interface Tone {
  /** Hertz. */
  frequency: number;
  /** Seconds from the beginning of the sound. */
  start: number;
  /** Seconds in which it falls to a third of its strength. */
  decay: number;
  /** 0 to 1. */
  strength: number;
  /** Strengths of the multiples of the frequency, beginning with the frequency itself. */
  overtones: readonly number[];
  /** Ends at this multiple of its frequency; 1 stays where it is. */
  glide?: number;
}

/** Adds up tones that are struck and fade. Samples are from -1 to 1; the loudest is made 0.6. */
export function strike(tones: readonly Tone[], seconds: number): Float64Array {
  const samples = new Float64Array(Math.round(seconds * SAMPLE_RATE));
  for (const { frequency, start, decay, strength, overtones, glide = 1 } of tones) {
    overtones.forEach((share, index) => {
      let phase = 0;
      for (let at = Math.round(start * SAMPLE_RATE); at < samples.length; at += 1) {
        const time = at / SAMPLE_RATE - start;
        const bend = glide ** Math.min(1, time / decay);
        phase += (2 * Math.PI * frequency * (index + 1) * bend) / SAMPLE_RATE;
        // Overtones fade sooner, and nothing begins with a click.
        const fade = Math.exp((-time * (index + 1)) / decay) * Math.min(1, time / 0.004);
        samples[at]! += Math.sin(phase) * share * strength * fade;
      }
    });
  }
  const tail = Math.round(0.02 * SAMPLE_RATE);
  for (let left = 0; left < tail; left += 1) samples[samples.length - 1 - left]! *= left / tail;
  const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  return samples.map((sample) => (sample / loudest) * 0.6);
}

/** One channel of 16 bits as a WAV file. */
export function toWave(samples: Float64Array): Buffer {
  const data = Buffer.alloc(samples.length * 2);
  samples.forEach((sample, index) => data.writeInt16LE(Math.round(sample * 32_767), index * 2));
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(SAMPLE_RATE, 24);
  header.writeUInt32LE(SAMPLE_RATE * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}
