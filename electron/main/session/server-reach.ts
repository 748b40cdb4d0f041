import { NO_ABILITIES, type Abilities } from '../dialects/chat-dialect.ts';

/** What can be asked of the server at this moment, as it said itself when the socket was opened. */
export interface ServerReach {
  readonly isOnline: boolean;
  /** None of them while there is no connection. */
  readonly abilities: Abilities;
  /** Milliseconds in which a message can be taken back; its last word, for what a person may still try offline. */
  readonly recallLimit: number | null;
  /** Bytes; its last word, so that the tray of the composer can tell while offline. */
  readonly uploadLimit: number;
  learned(abilities: Abilities): void;
  connected(isOnline: boolean): void;
}

export function createServerReach(): ServerReach {
  let isOnline = false;
  let abilities: Abilities = NO_ABILITIES;
  let recallLimit: number | null = null;
  let { uploadLimit } = NO_ABILITIES;

  return {
    get isOnline() {
      return isOnline;
    },
    get abilities() {
      return abilities;
    },
    get recallLimit() {
      return recallLimit;
    },
    get uploadLimit() {
      return uploadLimit;
    },
    learned(found) {
      abilities = found;
      recallLimit = found.recallLimit;
      uploadLimit = found.uploadLimit;
    },
    connected(now) {
      isOnline = now;
      if (!isOnline) abilities = NO_ABILITIES;
    },
  };
}
