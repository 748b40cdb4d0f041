/**
 * At a start the person first sees what is stored. Lines to servers, tray and notifications come a moment after: they need the
 * same processor cores, and nobody waits for them before there is something to look at.
 */
import type { Clock } from '../support/clock.ts';

/** A page that hangs must not keep the app from receiving; milliseconds. */
const PATIENCE = 2_000;

export interface FirstPicture {
  /** Settles when the page has drawn what is stored, or has had its time. Never rejects. */
  readonly seen: Promise<void>;
  /** The page has drawn it. */
  tell(): void;
}

export function firstPicture(clock: Pick<Clock, 'after'>): FirstPicture {
  let settle: () => void = () => undefined;
  const seen = new Promise<void>((resolve) => (settle = resolve));
  const cancel = clock.after(PATIENCE, settle);
  return {
    seen,
    tell() {
      cancel();
      settle();
    },
  };
}
