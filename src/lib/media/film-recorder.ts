/** Records the camera, with the microphone or without it. */
import { letGo } from './devices.ts';
import { recordStream, type StreamRecording } from './stream-recorder.ts';

/**
 * What other clients play comes first. Never `webm`: plain servers refuse it, and what is recorded in it says nowhere how
 * long it is, so nobody could move in it. Every Electron we run on writes `mp4`, though not each with the same codecs.
 */
const FORMATS = [
  { type: 'video/mp4;codecs=avc1.42E01F,mp4a.40.2', ending: 'mp4' },
  { type: 'video/mp4;codecs=avc1.42E01F,opus', ending: 'mp4' },
  { type: 'video/mp4;codecs=vp9,opus', ending: 'mp4' },
] as const;

/** A minute weighs about 20 MB. */
const RATES = { videoBitsPerSecond: 2_500_000, audioBitsPerSecond: 96_000 };

export type FilmRecorder = StreamRecording;

/**
 * Both streams end with it.
 * @param onElapsed hears the milliseconds so far
 * @param onEnd the longest time is over, or a device is gone
 * @throws DOMException when it cannot be recorded
 */
export function recordFilm(
  camera: MediaStream,
  microphone: MediaStream | null,
  onElapsed: (elapsed: number) => void,
  onEnd: () => void,
): FilmRecorder {
  const stream = new MediaStream([...camera.getVideoTracks(), ...(microphone?.getAudioTracks() ?? [])]);
  try {
    return recordStream(stream, { formats: FORMATS, ...RATES, onElapsed, onEnd });
  } catch (error) {
    letGo(stream);
    throw error;
  }
}
