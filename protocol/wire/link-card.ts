/** Whom a card of a link stands for, as its sender saw the page: under `otherData.magpie.card` of a text. */
import { z } from 'zod';

export const LINK_CARD = { title: 300, description: 500, site: 100, picture: 16_000, url: 2_000 } as const;

/** A small picture inside a message; nothing is loaded for it. */
const picture = z
  .string()
  .max(LINK_CARD.picture)
  .regex(/^(?:data:image\/(?:webp|jpeg|png);base64,[\w+/=]+)?$/u);

export const wireLinkCard = z.object({
  /** As it stands in the text, so that a card cannot be about something else than the words. */
  url: z
    .string()
    .max(LINK_CARD.url)
    .regex(/^(?:https?:\/\/|www\.)/iu),
  title: z.string().min(1).max(LINK_CARD.title),
  description: z.string().max(LINK_CARD.description),
  site: z.string().max(LINK_CARD.site),
  picture,
});
