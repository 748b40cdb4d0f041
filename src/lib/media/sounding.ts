/** One player at a time, in all windows: what begins to sound stops what was heard before. */

type Player = Pick<HTMLMediaElement, 'pause'>;

let heard: Player | null = null;

/** Between the windows: a message means that another one begins to sound, or listens. It says nothing itself. */
const windows = new BroadcastChannel('sounding');
windows.onmessage = pauseHere;

function pauseHere(): void {
  heard?.pause();
  heard = null;
}

/** For the `play` event of everything that has a sound. */
export function beginToSound(player: Player): void {
  if (heard !== player) heard?.pause();
  heard = player;
  windows.postMessage(null);
}

/** Nothing may be heard now: the microphone is on. */
export function silence(): void {
  pauseHere();
  windows.postMessage(null);
}
