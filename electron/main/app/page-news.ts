import type { AppCommand, Notice } from '#protocol/ipc';
import type { Bridge } from '../bridge/bridge.ts';
import type { Clock } from '../support/clock.ts';

/** From the page's first question until its toasts are surely there. */
const NOTICE_DELAY = 700;

export interface PageNewsOptions {
  clock: Clock;
  emit: Bridge['emit'];
  /** Nobody is there to see anything. */
  locked(): boolean;
  /** What is to be told from the start on. */
  first: Notice[];
}

/**
 * What the page has to learn although it may not listen yet: a damaged history that was found before it was there, a notification
 * of the last moment or a link that started the app. It is kept until the page has asked for its start.
 */
export function createPageNews({ clock, emit, locked, first }: PageNewsOptions) {
  let untold: Notice[] | null = first;
  let uncommanded: AppCommand[] | null = [];
  /** Told to a page that is on its way out, it would be lost: each start of a page begins the wait anew. */
  let cancelTelling: () => void = () => undefined;

  const tell = () => {
    // Nobody is there to see it yet; the page asks again when the app is unlocked.
    if (locked()) return;
    for (const notice of untold ?? []) emit('notice:posted', notice);
    untold = null;
    for (const order of uncommanded ?? []) emit('app:commanded', order);
    uncommanded = null;
  };

  return {
    notice(notice: Notice): void {
      if (untold === null && !locked()) emit('notice:posted', notice);
      else (untold ??= []).push(notice);
    },
    /** What the person chose outside of the page. */
    command(order: AppCommand): void {
      if (uncommanded === null && !locked()) emit('app:commanded', order);
      else (uncommanded ??= []).push(order);
    },
    /** A page asks for its start. */
    pageBegan(): void {
      cancelTelling();
      cancelTelling = clock.after(NOTICE_DELAY, tell);
    },
    /** The page will begin anew: what is chosen from now on waits for it. */
    pageGoes(): void {
      uncommanded ??= [];
      cancelTelling();
    },
  };
}
