/** One player at a time: what begins to sound stops what was heard before. */

type Player = Pick<HTMLMediaElement, 'pause'>;

let heard: Player | null = null;

/** For the `play` event of everything that has a sound. */
export function beginToSound(player: Player): void {
  if (heard !== player) heard?.pause();
  heard = player;
}

/** Nothing may be heard now: the microphone is on. */
export function silence(): void {
  heard?.pause();
  heard = null;
}
