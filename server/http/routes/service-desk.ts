/** E43 to E53: automatic answers and complaints. Both families have envelopes of their own. */
import type { AnswerFields, AnswerOutcome } from '../../domain/answers.ts';
import type { Domain } from '../../domain/domain.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { Caller } from '../../domain/sessions.ts';
import type { RawAnswer, RawCall, Routing } from '../routing.ts';

export function registerServiceDeskRoutes(routing: Routing, { answers, complaints }: Domain): void {
  const askAnswer = (
    name: string,
    run: (caller: Caller['account'], body: AnswerFields) => Promise<AnswerOutcome>,
  ): void => {
    routing.signedInRaw('POST', `askanswer/${name}`, async ({ account, body }) => ({
      status: 200,
      body: await run(account, body),
    }));
  };
  askAnswer('create', answers.create);
  askAnswer('update', answers.update);
  askAnswer('delete', answers.remove);
  askAnswer('list', answers.list);
  askAnswer('detail', answers.detail);
  askAnswer('search', answers.search);

  routing.signedInRaw('POST', 'complaint/create', (call) =>
    complaintAnswer('投诉提交成功', () => complaints.create(call.account, call.body)),
  );
  routing.signedInRaw('GET', 'complaint/list', (call) =>
    complaintAnswer('获取成功', () => complaints.list(call.account)),
  );
  routing.signedInRaw('GET', 'complaint/detail/:id', (call) =>
    complaintAnswer('获取成功', () => complaints.detail(call.account, idOf(call))),
  );
  routing.signedInRaw('POST', 'complaint/update/:id', (call) =>
    complaintAnswer('更新成功', async () => {
      await complaints.update(call.account, idOf(call), call.body);
      return {};
    }),
  );
  routing.signedInRaw('POST', 'complaint/delete/:id', (call) =>
    complaintAnswer('删除成功', async () => {
      await complaints.remove(call.account, idOf(call));
      return {};
    }),
  );
}

/** The sentence is in `msg`, for failures too. */
async function complaintAnswer(success: string, run: () => Promise<unknown>): Promise<RawAnswer> {
  try {
    return { status: 200, body: { msg: success, data: await run() } };
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 400) throw error;
    return { status: 400, body: { msg: error.message, data: {} } };
  }
}

/** An id that is none finds nothing. */
function idOf({ path }: RawCall): number {
  const id = Number(path['id']);
  return Number.isSafeInteger(id) ? id : 0;
}
