/** E43 to E53: prepared answers and complaints. */
import { z } from 'zod';

export const wireAnswer = z.object({
  id: z.number(),
  ask: z.string(),
  answer: z.string(),
});

export const wireComplaint = z.object({
  id: z.number(),
  target_id: z.coerce.number(),
  target_type: z.enum(['single', 'group']).catch('single'),
  target_name: z
    .string()
    .nullish()
    .transform((name) => name ?? ''),
  reason: z.string(),
  content: z
    .string()
    .nullish()
    .transform((text) => text ?? ''),
  /** Always a list from ours; the original gives back the text that was sent (quirk Q16). */
  images: z
    .union([z.array(z.string()), z.string()])
    .nullish()
    .catch(null)
    .transform((images) =>
      (Array.isArray(images) ? images : (images ?? '').split(',')).filter((one) => one !== ''),
    ),
  status: z.number(),
  admin_reply: z
    .string()
    .nullish()
    .transform((text) => text ?? ''),
  create_time: z.string(),
});
export type WireComplaint = z.infer<typeof wireComplaint>;
