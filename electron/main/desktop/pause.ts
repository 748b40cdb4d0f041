import type { SettingsStore } from '../settings/settings.ts';
import type { Clock } from '../support/clock.ts';

const HOUR = 3_600_000;
/** When "until tomorrow" ends: before the day's work begins. */
const MORNING = 8;

/** Notifications that the person does not want for a while; outlives a restart. */
export function createPause(options: { settings: SettingsStore; clock: Clock; onChange(): void }) {
  const { settings, clock } = options;
  let cancel: (() => void) | null = null;

  const watchEnd = () => {
    cancel?.();
    cancel = null;
    const until = settings.read().notificationsPausedUntil;
    if (until === null) return;
    cancel = clock.after(Math.max(0, until - clock.now()), () => set(null));
  };
  const set = (until: number | null) => {
    settings.update(() => ({ notificationsPausedUntil: until }));
    watchEnd();
    options.onChange();
  };
  watchEnd();

  return {
    /** Milliseconds since the epoch, or null. */
    get until(): number | null {
      const until = settings.read().notificationsPausedUntil;
      return until !== null && until > clock.now() ? until : null;
    },
    forAnHour: () => set(clock.now() + HOUR),
    untilTomorrow: () => set(tomorrowMorning(clock.now())),
    resume: () => set(null),
    close: () => cancel?.(),
  };
}

export function tomorrowMorning(now: number): number {
  const day = new Date(now);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1, MORNING).getTime();
}
