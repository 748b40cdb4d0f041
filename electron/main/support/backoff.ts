/**
 * Delay before try number `attempt` (from 1): doubles from 1 s to 60 s, with up to half of it at random so that clients
 * do not come back in step after a server's restart.
 */
export function backoffDelay(attempt: number, random: () => number): number {
  const ceiling = Math.min(60_000, 1_000 * 2 ** Math.min(attempt - 1, 10));
  return Math.max(1_000, Math.round(ceiling / 2 + (ceiling / 2) * random()));
}

/** Full jitter, for retries of one message: anywhere between 1 s and the doubled ceiling. */
export function fullJitterDelay(attempt: number, random: () => number): number {
  const ceiling = Math.min(60_000, 1_000 * 2 ** Math.min(attempt - 1, 10));
  return Math.round(1_000 + (ceiling - 1_000) * random());
}
