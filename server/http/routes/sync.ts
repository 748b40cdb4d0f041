/** The change log, older messages, read marks. */
import type { Domain } from '../../domain/domain.ts';
import { JsonText } from '../answers.ts';
import { integer, oneOf, strictInteger } from '../parameters.ts';
import type { Routing } from '../routing.ts';

const LARGEST = 10_000_000_000_000_000;
const chat = { chatType: oneOf('接收类型', ['single', 'group']), id: integer('好友/群的id值') };
const chatOf = (values: { chatType: string; id: number }) => ({
  chatType: values.chatType === 'group' ? ('group' as const) : ('single' as const),
  id: values.id,
});

export function registerSyncRoutes(routing: Routing, { sync }: Domain): void {
  routing.signedIn(
    'GET',
    'sync',
    {
      cursor: strictInteger('cursor', [0, LARGEST], -1),
      limit: strictInteger('每页条数', [1, LARGEST], 200),
    },
    ({ account, values }) => sync.changes(account, values.cursor === -1 ? null : values.cursor, values.limit),
  );
  routing.signedIn(
    'GET',
    'history',
    {
      ...chat,
      before_seq: strictInteger('before_seq', [1, LARGEST], 0),
      after_seq: strictInteger('after_seq', [0, LARGEST], -1),
      limit: strictInteger('每页条数', [1, LARGEST], 50),
    },
    async ({ account, values }) =>
      new JsonText(
        await sync.history(account, {
          ...chatOf(values),
          beforeSeq: values.before_seq,
          afterSeq: values.after_seq === -1 ? null : values.after_seq,
          limit: values.limit,
        }),
      ),
  );
  routing.signedIn('POST', 'read', { ...chat, seq: integer('消息序号') }, ({ account, values }) =>
    sync.read(account, chatOf(values), values.seq),
  );
}
