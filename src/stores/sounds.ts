import { onScopeDispose } from 'vue';
import { defineStore } from 'pinia';
import type { NotificationSound } from '#protocol/model/settings';
import { listen } from '../bridge.ts';
import chime from '../../resources/sounds/chime.wav';
import drop from '../../resources/sounds/drop.wav';
import knock from '../../resources/sounds/knock.wav';
import pluck from '../../resources/sounds/pluck.wav';

const FILES: Record<Exclude<NotificationSound, 'none'>, string> = { chime, drop, knock, pluck };

/** Plays the sounds of notifications, also while the window is hidden. */
export const useSoundsStore = defineStore('sounds', () => {
  let playing: HTMLAudioElement | null = null;

  /** Rejects when the machine has nothing to play it with. */
  async function play(sound: NotificationSound): Promise<void> {
    playing?.pause();
    playing = null;
    if (sound === 'none') return;
    playing = new Audio(FILES[sound]);
    await playing.play();
  }

  onScopeDispose(
    listen('sound:requested', ({ sound }) => {
      // A machine without a loudspeaker still shows the notification.
      play(sound).catch(() => undefined);
    }),
  );

  return { play };
});
