/** The camera while its dialog is open: what it shows, a film of it, and why there is none. */
import { onBeforeUnmount, ref, shallowRef } from 'vue';
import { useDeviceTrouble, type DeviceTrouble } from '../../composables/use-device-trouble.ts';
import { letGo, openCamera, openMicrophone } from '../../lib/media/devices.ts';
import { recordFilm, type FilmRecorder } from '../../lib/media/film-recorder.ts';
import { silence } from '../../lib/media/sounding.ts';
import { usePlayerStore } from '../../stores/player.ts';

export type CameraMode = 'photo' | 'film';

/** `starting`: the microphone is asked for; `ending`: the last of the film is on its way. */
type Phase = 'closed' | 'live' | 'starting' | 'recording' | 'ending' | 'review';

export function useCamera() {
  const player = usePlayerStore();
  const cameraTrouble = useDeviceTrouble('camera');
  const microphoneTrouble = useDeviceTrouble('microphone');
  const phase = ref<Phase>('closed');
  const stream = shallowRef<MediaStream | null>(null);
  /** Why nothing can be seen. */
  const trouble = shallowRef<DeviceTrouble | null>(null);
  /** Why nothing would be heard. */
  const soundTrouble = shallowRef<DeviceTrouble | null>(null);
  /** To be looked at before it is used. */
  const film = shallowRef<Blob | null>(null);
  /** Milliseconds. */
  const elapsed = ref(0);
  let recorder: FilmRecorder | null = null;
  /** Rises with every beginning and end: what was asked for before has lost its meaning. */
  let turn = 0;

  function end(): void {
    turn += 1;
    recorder?.cancel();
    recorder = null;
    letGo(stream.value);
    stream.value = null;
    trouble.value = null;
    soundTrouble.value = null;
    film.value = null;
    elapsed.value = 0;
  }
  function fail(thrown: unknown): void {
    end();
    phase.value = 'live';
    trouble.value = cameraTrouble(thrown);
  }

  async function open(mode: CameraMode): Promise<void> {
    end();
    phase.value = 'live';
    const mine = turn;
    try {
      const opened = await openCamera(mode);
      // Closed while the system asked.
      if (mine !== turn) return letGo(opened);
      stream.value = opened;
      // Pulled out. While it is recorded the recorder hears of that, and what is there is kept.
      opened.getVideoTracks()[0]?.addEventListener('ended', (event) => {
        if (mine === turn && phase.value === 'live') fail(event);
      });
    } catch (error) {
      if (mine === turn) fail(error);
    }
  }

  async function record(withSound: boolean): Promise<void> {
    const camera = stream.value;
    if (phase.value !== 'live' || camera === null) return;
    const mine = turn;
    phase.value = 'starting';
    soundTrouble.value = null;
    let microphone: MediaStream | null = null;
    if (withSound) {
      try {
        microphone = await openMicrophone();
      } catch (error) {
        if (mine !== turn) return;
        soundTrouble.value = microphoneTrouble(error);
        phase.value = 'live';
        return;
      }
    }
    if (mine !== turn) return letGo(microphone);
    player.stop();
    silence();
    try {
      recorder = recordFilm(
        camera,
        microphone,
        (milliseconds) => (elapsed.value = milliseconds),
        () => void stop(),
      );
      phase.value = 'recording';
    } catch (error) {
      fail(error);
    }
  }

  async function stop(): Promise<void> {
    const ending = recorder;
    if (ending === null) return;
    const mine = turn;
    recorder = null;
    phase.value = 'ending';
    const { content, duration } = await ending.stop();
    if (mine !== turn) return;
    // Not one picture came.
    if (content.size === 0) return fail(null);
    // The camera was on as long as it was needed.
    stream.value = null;
    film.value = content;
    elapsed.value = duration;
    phase.value = 'review';
  }

  function close(): void {
    end();
    phase.value = 'closed';
  }
  onBeforeUnmount(close);

  return { phase, stream, trouble, soundTrouble, film, elapsed, open, record, stop, close };
}
