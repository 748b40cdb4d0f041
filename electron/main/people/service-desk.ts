/** Prepared answers and complaints of one account. */
import { MagpieError } from '#protocol/errors';
import type { Message } from '#protocol/model/message';
import type { Complaint, ComplaintSubject, PreparedAnswer } from '#protocol/model/service-desk';
import type { Picture } from '../dialects/people-dialect.ts';
import type { EvidenceMessage, ServiceDeskDialect } from '../dialects/service-desk-dialect.ts';

export interface ServiceDeskOptions {
  dialect: ServiceDeskDialect;
  /** A message of the history on this computer. */
  message(id: string): Promise<Message | null>;
}

export interface ComplaintOrder {
  subject: ComplaintSubject;
  reason: string;
  text: string;
  pictures: readonly Picture[];
  /** Local ids of messages. */
  evidence: readonly string[];
}

export interface ComplaintChange {
  id: number;
  text: string;
  kept: readonly string[];
  added: readonly Picture[];
}

export type ServiceDesk = ReturnType<typeof createServiceDesk>;

export function createServiceDesk({ dialect, message }: ServiceDeskOptions) {
  async function evidenceOf(messageId: string): Promise<EvidenceMessage> {
    const found = await message(messageId);
    if (found === null || found.serverId === null)
      throw new MagpieError('not-found', 'the server never had such a message');
    const { content } = found;
    return {
      id: found.serverId,
      from_id: found.senderId,
      from_name: found.senderName,
      // Words for a server that kept no copy of its own; files are named, they stay where they are.
      data: content.text === '' && 'file' in content ? content.file.name : content.text,
      create_time: found.createdAt,
    };
  }

  return {
    answers: (): Promise<PreparedAnswer[]> => dialect.answers(),
    saveAnswer: ({ id, question, answer }: { id: number | null; question: string; answer: string }) =>
      id === null ? dialect.addAnswer(question, answer) : dialect.changeAnswer({ id, question, answer }),
    removeAnswer: (id: number): Promise<void> => dialect.removeAnswer(id),
    tryAnswer: (question: string): Promise<PreparedAnswer | null> => dialect.tryAnswer(question),
    complaints: (): Promise<Complaint[]> => dialect.complaints(),
    /** Pictures first: a complaint either has all that belongs to it, or is not handed in. */
    async complain({ pictures, evidence, ...order }: ComplaintOrder): Promise<void> {
      const messages = await Promise.all(evidence.map(evidenceOf));
      const addresses: string[] = [];
      for (const picture of pictures) addresses.push(await dialect.uploadPicture(picture));
      await dialect.complain({ ...order, pictures: addresses, evidence: messages });
    },
    /** `kept` are addresses of pictures that it has already. */
    async changeComplaint({ id, text, kept, added }: ComplaintChange): Promise<void> {
      const addresses = [...kept];
      for (const picture of added) addresses.push(await dialect.uploadPicture(picture));
      await dialect.changeComplaint(id, { text, pictures: addresses });
    },
    withdrawComplaint: (id: number): Promise<void> => dialect.withdrawComplaint(id),
  };
}
