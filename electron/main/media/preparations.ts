/** Waits for files that are not ready to be sent: their messages have a place in the outbox already. */
import { MagpieError } from '#protocol/errors';
import { isUnprepared, type MediaContent } from '#protocol/model/message';

interface Wait {
  /** Address of the file that is sent, once it is known. */
  becomes: string | null;
  content: Promise<MediaContent>;
  resolve(content: MediaContent): void;
  reject(error: MagpieError): void;
}

export interface Preparations {
  /**
   * The content as it is to be sent, at once for one that needs nothing.
   * @throws {MagpieError} `cancelled` when nobody wants it any more, or the app ends
   */
  ready(content: MediaContent): Promise<MediaContent>;
  finished(unprepared: MediaContent, ready: MediaContent): void;
  /** Forgets a file, as it was chosen or as it became; whoever waits for it hears that it was given up. */
  forget(address: string): void;
  stop(): void;
}

/** Whoever asks first makes the wait; both may come in either order. Keyed by the address of the file as it was chosen. */
export function createPreparations(): Preparations {
  const waits = new Map<string, Wait>();

  const waitFor = (address: string): Wait => {
    const known = waits.get(address);
    if (known !== undefined) return known;
    let resolve: Wait['resolve'] = () => undefined;
    let reject: Wait['reject'] = () => undefined;
    const content = new Promise<MediaContent>((done, failed) => {
      resolve = done;
      reject = failed;
    });
    // Nobody may be waiting when it is given up.
    content.catch(() => undefined);
    const wait: Wait = { becomes: null, content, resolve, reject };
    waits.set(address, wait);
    return wait;
  };
  const forget = (address: string) => {
    for (const [chosen, { becomes, reject }] of waits) {
      if (chosen !== address && becomes !== address) continue;
      reject(new MagpieError('cancelled', 'nobody wants it any more'));
      waits.delete(chosen);
    }
  };

  return {
    ready: (content) =>
      isUnprepared(content) ? waitFor(content.file.url).content : Promise.resolve(content),
    finished(unprepared, ready) {
      const wait = waitFor(unprepared.file.url);
      wait.becomes = ready.file.url;
      wait.resolve(ready);
    },
    forget,
    stop() {
      for (const address of [...waits.keys()]) forget(address);
    },
  };
}
