/** E43 to E53 on the wire. */
import type { z } from 'zod';
import { MagpieError } from '#protocol/errors';
import { COMPLAINT_STATES, type Complaint, type PreparedAnswer } from '#protocol/model/service-desk';
import { wireAnswer, wireComplaint, type WireComplaint } from '#protocol/wire/service-desk';
import type { ServiceDeskDialect } from '../service-desk-dialect.ts';
import { resolveUrl, type Reader } from './normalise.ts';
import type { AuthenticatedCall } from './people.ts';
import type { Network } from '../../network/network.ts';
import { uploadPicture } from './upload-picture.ts';

/** The only kind of store there is: for single chats. */
const TYPE = 'single';

export function createServiceDeskDialect(
  call: AuthenticatedCall,
  { origin, accountId }: Reader,
  { token, signal, fetch }: { token: string; signal: AbortSignal; fetch: Network['fetch'] },
): ServiceDeskDialect {
  // Sent with every call: the original asks nobody but the body who the owner is.
  const own = { type: TYPE, create_userId: accountId };
  const ask = (name: string, body: object): Promise<unknown> =>
    call('POST', `/api/chat/askanswer/${name}`, { ...own, ...body });

  return {
    async answers() {
      const rows = read(wireAnswer.array(), await ask('list', { userId: accountId }));
      return rows.map(preparedAnswer);
    },
    async addAnswer(question, answer) {
      await ask('create', { ask: question, answer });
    },
    async changeAnswer({ id, question, answer }) {
      await ask('update', { id, ask: question, answer });
    },
    async removeAnswer(id) {
      await ask('delete', { id });
    },
    async tryAnswer(question) {
      try {
        return preparedAnswer(read(wireAnswer, await ask('search', { ask: question, only: 'fitting' })));
      } catch (thrown) {
        // "Nothing found" is an answer, too.
        if (thrown instanceof MagpieError && thrown.code === 'refused') return null;
        throw thrown;
      }
    },
    async complaints() {
      const rows = read(wireComplaint.array(), await call('GET', '/api/chat/complaint/list'));
      return rows.map((row) => complaintOf(row, origin));
    },
    async complain({ subject, reason, text, pictures, evidence }) {
      await call('POST', '/api/chat/complaint/create', {
        target_id: subject.id,
        target_type: subject.kind,
        target_name: subject.name,
        reason,
        content: text,
        images: pictures,
        complaint_chatinfo: evidence,
      });
    },
    async changeComplaint(id, { text, pictures }) {
      await call('POST', `/api/chat/complaint/update/${id}`, { content: text, images: pictures });
    },
    async withdrawComplaint(id) {
      await call('POST', `/api/chat/complaint/delete/${id}`);
    },
    uploadPicture: (picture) => uploadPicture({ origin, token, signal, fetch, folder: 'chatImgs' }, picture),
  };
}

function preparedAnswer({ id, ask, answer }: z.infer<typeof wireAnswer>): PreparedAnswer {
  return { id, question: ask, answer };
}

function complaintOf(row: WireComplaint, origin: string): Complaint {
  return {
    id: row.id,
    subject: { kind: row.target_type, id: row.target_id, name: row.target_name },
    reason: row.reason,
    text: row.content,
    pictures: row.images.map((address) => resolveUrl(origin, address)),
    state: COMPLAINT_STATES[row.status] ?? 'closed',
    reply: row.admin_reply,
    createdAt: Date.parse(row.create_time) || 0,
  };
}

function read<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new MagpieError('bad-answer', `unexpected shape at "${where}"`);
}
