/** Native notifications, whatever shows them. */
import type { NotificationSound } from '#protocol/model/settings';

export interface NotificationRequest {
  /** One notification per key: showing another replaces it. */
  key: string;
  title: string;
  /** Plain text. */
  body: string;
  picture: Picture | null;
  /** Stays until the person does something about it, where the desktop can. */
  critical: boolean;
  /** Offers a reply and a mark-as-read, where the desktop can. */
  answerable: boolean;
  /** What is to be heard with it; only for a {@link Notifier.playsSound}. */
  sound: NotificationSound;
}

/** A square picture: rows of RGBA bytes, and the same as a file for those who want one. */
export interface Picture {
  size: number;
  rgba: Buffer;
  png: Buffer;
}

export interface NotificationListener {
  clicked(key: string): void;
  replied(key: string, text: string): void;
  markedRead(key: string): void;
  /** It is no longer shown, for whatever reason but {@link Notifier.withdraw}. */
  closed(key: string): void;
}

export interface Notifier {
  /** The system plays the sound, or keeps it to itself; otherwise we do. */
  readonly playsSound: boolean;
  /** False when nobody is there to show it. */
  show(request: NotificationRequest): Promise<boolean>;
  withdraw(key: string): void;
  /** Whether the person asked the system to be left alone; false where that cannot be known. */
  isQuiet(): Promise<boolean>;
  close(): void;
}
