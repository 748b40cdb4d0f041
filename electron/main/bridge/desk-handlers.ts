import type { InvokeChannel } from '#protocol/ipc';
import { addressOf, fileUrl } from '../media/media-url.ts';
import type { ServiceDesk } from '../people/service-desk.ts';
import type { Handlers } from './dispatch.ts';

type DeskChannel = Extract<InvokeChannel, `desk:${string}`>;

/** Calls of the window about prepared answers and complaints. */
export function createDeskHandlers(desk: () => Promise<ServiceDesk>): Pick<Handlers, DeskChannel> {
  return {
    'desk:answers': async () => (await desk()).answers(),
    'desk:save-answer': async (answer) => (await desk()).saveAnswer(answer),
    'desk:remove-answer': async ({ id }) => (await desk()).removeAnswer(id),
    'desk:try-answer': async ({ question }) => (await desk()).tryAnswer(question),
    'desk:complaints': async () =>
      (await (await desk()).complaints()).map((one) => ({ ...one, pictures: one.pictures.map(fileUrl) })),
    'desk:complain': async ({ pictures, ...order }) =>
      (await desk()).complain({
        ...order,
        pictures: pictures.map((bytes) => ({ bytes: new Uint8Array(bytes), type: 'image/jpeg' })),
      }),
    'desk:change-complaint': async ({ kept, added, ...change }) =>
      (await desk()).changeComplaint({
        ...change,
        // What the window saw of a picture leads back to where it is.
        kept: kept.flatMap((address) => addressOf(address) ?? []),
        added: added.map((bytes) => ({ bytes: new Uint8Array(bytes), type: 'image/jpeg' })),
      }),
    'desk:withdraw-complaint': async ({ id }) => (await desk()).withdrawComplaint(id),
  };
}
