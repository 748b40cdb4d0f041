import type { Clock } from '../support/clock.ts';

/** Of each half, milliseconds. */
export const BLINK_EVERY = 600;
/** Whoever is away does not see it, and an icon that never rests costs power. */
export const BLINK_FOR = 30_000;

/** The rhythm of a blinking icon; it ends by itself. */
export function createBlink({ clock, onChange }: { clock: Clock; onChange(): void }) {
  let until = Number.NEGATIVE_INFINITY;
  let dark = false;
  let cancel: (() => void) | null = null;

  const turn = () => {
    dark = !dark;
    // It rests with its badge on.
    if (!dark && clock.uptime() >= until) cancel = null;
    else cancel = clock.after(BLINK_EVERY, turn);
    onChange();
  };
  return {
    /** In the half without the badge. */
    get dark(): boolean {
      return dark;
    },
    /** Begins, or goes on for the whole time again. */
    start(): void {
      until = clock.uptime() + BLINK_FOR;
      cancel ??= clock.after(0, turn);
    },
    stop(): void {
      cancel?.();
      cancel = null;
      if (!dark) return;
      dark = false;
      onChange();
    },
  };
}
