/** What a server keeps for somebody who is away, and what it takes to its administrators. */
import type { Complaint, ComplaintSubject, PreparedAnswer } from '#protocol/model/service-desk';
import type { Picture } from './people-dialect.ts';

/** A message as it is handed in; the server looks up by `id` what was really written. */
export interface EvidenceMessage {
  id: string;
  from_id: number;
  from_name: string;
  data: string;
  create_time: number;
}

export interface NewComplaint {
  subject: ComplaintSubject;
  reason: string;
  text: string;
  /** Addresses from {@link ServiceDeskDialect.uploadPicture}. */
  pictures: readonly string[];
  evidence: readonly EvidenceMessage[];
}

/** Failures are MagpieErrors, as everywhere in a dialect. */
export interface ServiceDeskDialect {
  answers(): Promise<PreparedAnswer[]>;
  addAnswer(question: string, answer: string): Promise<void>;
  changeAnswer(answer: PreparedAnswer): Promise<void>;
  removeAnswer(id: number): Promise<void>;
  /** What would be answered; null for nothing. */
  tryAnswer(question: string): Promise<PreparedAnswer | null>;
  complaints(): Promise<Complaint[]>;
  complain(complaint: NewComplaint): Promise<void>;
  /** Of one that is pending; `refused` otherwise. */
  changeComplaint(id: number, change: Pick<NewComplaint, 'text' | 'pictures'>): Promise<void>;
  /** Takes it back. */
  withdrawComplaint(id: number): Promise<void>;
  uploadPicture(picture: Picture): Promise<string>;
}
