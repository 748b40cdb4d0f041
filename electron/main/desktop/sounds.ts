/** The sound of a notification: as the person chose it, not twice in a moment, and not for somebody who wants quiet. */
import type { NotificationSound } from '#protocol/model/settings';
import type { SettingsStore } from '../settings/settings.ts';
import type { Clock } from '../support/clock.ts';
import type { Notifier } from './notifier.ts';

/** Two sounds in a moment are noise. */
export const SOUND_PAUSE = 2_000;

export interface Sound {
  name: NotificationSound;
  /** For a notifier that plays none itself. */
  play(notifier: Pick<Notifier, 'isQuiet'>): Promise<void>;
}

export const NO_SOUND: Sound = { name: 'none', play: () => Promise.resolve() };

export function createSounds({
  settings,
  clock,
  play,
}: {
  settings: SettingsStore;
  clock: Clock;
  play(sound: NotificationSound): void;
}) {
  let lastAt = Number.NEGATIVE_INFINITY;
  return {
    /** What is to be heard now; whoever comes within a moment gets none. */
    take(): Sound {
      const name = settings.read().settings.notificationSound;
      if (name === 'none' || clock.uptime() - lastAt < SOUND_PAUSE) return NO_SOUND;
      const before = lastAt;
      lastAt = clock.uptime();
      return {
        name,
        async play(notifier) {
          // What was not heard keeps nothing else from being heard.
          if (await notifier.isQuiet()) lastAt = before;
          else play(name);
        },
      };
    },
  };
}
