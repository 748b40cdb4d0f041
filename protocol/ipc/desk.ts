/** Answers that are prepared for an account that is away, and complaints. */
import { z } from 'zod';
import {
  MAX_ANSWER,
  MAX_COMPLAINT,
  MAX_COMPLAINT_EVIDENCE,
  MAX_COMPLAINT_PICTURES,
  MAX_QUESTION,
  type Complaint,
  type PreparedAnswer,
} from '../model/service-desk.ts';
import { invoke, nothing } from './call.ts';

/** A picture of a complaint, 1600 pixels wide as JPEG. */
const MAX_PICTURE_BYTES = 8 * 1024 * 1024;

const complaintPictures = z
  .array(z.instanceof(Uint8Array).refine(({ byteLength }) => byteLength <= MAX_PICTURE_BYTES))
  .max(MAX_COMPLAINT_PICTURES);

export const deskCalls = {
  /** What is answered while the account is away. */
  'desk:answers': invoke<PreparedAnswer[]>()(nothing),
  /** Without an id a new one. */
  'desk:save-answer': invoke<void>()(
    z.object({
      id: z.number().nullable(),
      question: z.string().min(1).max(MAX_QUESTION),
      answer: z.string().min(1).max(MAX_ANSWER),
    }),
  ),
  'desk:remove-answer': invoke<void>()(z.object({ id: z.number() })),
  /** What would be answered to such words; null for nothing. */
  'desk:try-answer': invoke<PreparedAnswer | null>()(
    z.object({ question: z.string().min(1).max(MAX_QUESTION) }),
  ),
  'desk:complaints': invoke<Complaint[]>()(nothing),
  /** Evidence are messages of the history; pictures are JPEG. */
  'desk:complain': invoke<void>()(
    z.object({
      subject: z.object({
        kind: z.enum(['single', 'group']),
        id: z.number().int().positive(),
        name: z.string().max(200),
      }),
      reason: z.string().min(1).max(500),
      text: z.string().max(MAX_COMPLAINT),
      pictures: complaintPictures,
      evidence: z.array(z.string().min(1).max(64)).max(MAX_COMPLAINT_EVIDENCE),
    }),
  ),
  /** Words and pictures of one that is pending; `kept` are addresses of {@link Complaint.pictures}. */
  'desk:change-complaint': invoke<void>()(
    z.object({
      id: z.number().int().positive(),
      text: z.string().max(MAX_COMPLAINT),
      kept: z.array(z.string().max(4_000)).max(MAX_COMPLAINT_PICTURES),
      added: complaintPictures,
    }),
  ),
  'desk:withdraw-complaint': invoke<void>()(z.object({ id: z.number().int().positive() })),
} as const;
