import { protocol } from 'electron';
import type { AccountMedia } from './account-media.ts';
import { answerAvatar, type PictureSources } from './avatar-handler.ts';
import { answerFile } from './file-answer.ts';
import { addressOf, MEDIA_SCHEME } from './media-url.ts';

/** Answers the window's requests for avatars and for files of messages. */
export function handleMedia(
  options: PictureSources & {
    /** Of the accounts of this app. */
    serverOrigins(): string[];
    /** Of the signed-in account; rejects when nobody is. */
    media(): Promise<AccountMedia>;
    /** Nothing that somebody sent goes to the window. */
    locked(): boolean;
  },
): void {
  protocol.handle(MEDIA_SCHEME, async (request) => {
    if (options.locked()) return new Response(null, { status: 403 });
    const address = addressOf(request.url);
    if (address === null) return answerAvatar(request.url, options.serverOrigins(), options);
    try {
      return await answerFile(request, address, await options.media(), options.network);
    } catch {
      return new Response(null, { status: 502 });
    }
  });
}
