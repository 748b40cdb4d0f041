/** Answers that are given while somebody is away, and complaints to the administrators of a server. */

/** A question that is expected, and what is answered then. */
export interface PreparedAnswer {
  id: number;
  question: string;
  answer: string;
}

export const COMPLAINT_REASONS = ['spam', 'abuse', 'fraud', 'illegal', 'other'] as const;
export type ComplaintReason = (typeof COMPLAINT_REASONS)[number];

export const COMPLAINT_STATES = ['pending', 'working', 'done', 'closed'] as const;
export type ComplaintState = (typeof COMPLAINT_STATES)[number];

/** Whom a complaint is about. */
export interface ComplaintSubject {
  kind: 'single' | 'group';
  id: number;
  name: string;
}

export interface Complaint {
  id: number;
  subject: ComplaintSubject;
  /** In the words in which it was sent. */
  reason: string;
  text: string;
  /** Addresses. */
  pictures: string[];
  state: ComplaintState;
  /** What the administrators answered; empty while they have not. */
  reply: string;
  /** Milliseconds since 1970. */
  createdAt: number;
}

/** Lengths in characters; the server has the last word. */
export const MAX_QUESTION = 500;
export const MAX_ANSWER = 5_000;
export const MAX_COMPLAINT = 5_000;
export const MAX_COMPLAINT_PICTURES = 9;
export const MAX_COMPLAINT_EVIDENCE = 100;
