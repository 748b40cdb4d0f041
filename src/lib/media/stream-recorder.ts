/** Records what devices give, for a minute at most. */
import { letGo } from './devices.ts';

/** Milliseconds. */
export const LONGEST_RECORDING = 60_000;

const TELL_EVERY = 50;

/** As MIME names it, and how names of such files end. */
export interface RecordingFormat {
  readonly type: string;
  readonly ending: string;
}

export interface StreamRecording {
  /** Ends it, and lets go of the devices. */
  stop(): Promise<{ content: Blob; ending: string; duration: number }>;
  /** Ends it, and nothing of it stays. */
  cancel(): void;
}

export interface RecordingOptions extends Pick<
  MediaRecorderOptions,
  'audioBitsPerSecond' | 'videoBitsPerSecond'
> {
  /** The first one that this platform can write. */
  formats: readonly [RecordingFormat, ...RecordingFormat[]];
  /** Hears the milliseconds so far. */
  onElapsed(elapsed: number): void;
  /** The longest time is over, or a device is gone: whoever began it ends it. */
  onEnd(): void;
}

/** @throws DOMException when the platform cannot record this stream */
export function recordStream(
  stream: MediaStream,
  { formats, onElapsed, onEnd, ...rates }: RecordingOptions,
): StreamRecording {
  const format = formats.find(({ type }) => MediaRecorder.isTypeSupported(type)) ?? formats[0];
  // Small parts that the browser may put on the disk, not one that grows here.
  const parts: Blob[] = [];
  const recorder = new MediaRecorder(stream, { mimeType: format.type, ...rates });
  recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
  recorder.addEventListener('error', onEnd);
  const ended = new Promise<void>((resolve) => recorder.addEventListener('stop', () => resolve()));
  recorder.start(1_000);
  const begun = performance.now();
  const elapsed = (): number => Math.min(LONGEST_RECORDING, performance.now() - begun);

  const timer = setInterval(() => {
    onElapsed(elapsed());
    if (elapsed() >= LONGEST_RECORDING) onEnd();
  }, TELL_EVERY);
  for (const track of stream.getTracks()) track.addEventListener('ended', onEnd);

  function release(): void {
    clearInterval(timer);
    recorder.removeEventListener('error', onEnd);
    for (const track of stream.getTracks()) track.removeEventListener('ended', onEnd);
    if (recorder.state !== 'inactive') recorder.stop();
    letGo(stream);
  }

  return {
    async stop() {
      const duration = Math.round(elapsed());
      release();
      await ended;
      const type = (format.type.split(';', 1)[0] ?? '').trim();
      return { content: new Blob(parts, { type }), ending: format.ending, duration };
    },
    cancel: release,
  };
}
