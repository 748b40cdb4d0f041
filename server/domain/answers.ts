/**
 * Questions and answers that reply by themselves (section 5.7). This family has an envelope of its own and always
 * answers with the status 200. The owner is the one who asks, whatever the body says (quirk Q14): a store of somebody
 * else answers like one that does not exist.
 */
import type { AccountRecord, AnswerRecord } from '../storage/records.ts';
import { DuplicateKeyError } from '../storage/storage.ts';
import { findAnswer, findFittingAnswer } from './answer-search.ts';
import type { DomainContext } from './context.ts';

/** Code points. */
const LONGEST_ASK = 500;
const LONGEST_ANSWER = 5000;
const LONGEST_TYPE = 20;
/** Answers of one account. */
const MOST_ANSWERS = 1000;

export interface AnswerOutcome {
  code: 200 | 400 | 404;
  data?: unknown;
  /** How well the found answer fits; only of a search. */
  score?: number;
  msg: string;
}

/** Fields of the body as they came. */
export type AnswerFields = Readonly<Record<string, unknown>>;

export type Answers = ReturnType<typeof answerRules>;

const INCOMPLETE: AnswerOutcome = { code: 400, msg: '参数不完整' };
const UNKNOWN: AnswerOutcome = { code: 404, msg: '问答不存在' };
const NO_ANSWERS: AnswerOutcome = { code: 404, msg: '暂无问答数据' };

export function answerRules({ storage, now }: DomainContext) {
  return {
    create(caller: AccountRecord, body: AnswerFields): Promise<AnswerOutcome> {
      const fields = contentOf(body);
      if ('code' in fields) return Promise.resolve(fields);
      if (!isOwn(caller, body['create_userId'])) return Promise.resolve(UNKNOWN);
      return storage.write(async (unit) => {
        const known = await unit.answers.byAsk(caller.id, fields.type, fields.ask);
        if (known !== undefined) {
          await unit.answers.update(known.id, fields, now());
          return { code: 200, msg: '问答已更新' };
        }
        if ((await unit.answers.count(caller.id)) >= MOST_ANSWERS) {
          return { code: 400, msg: `问答数量已达上限（${MOST_ANSWERS}条）` };
        }
        await unit.answers.insert({ ownerId: caller.id, ...fields, now: now() });
        return { code: 200, msg: '问答创建成功' };
      });
    },

    async update(caller: AccountRecord, body: AnswerFields): Promise<AnswerOutcome> {
      const fields = contentOf(body);
      if ('code' in fields) return fields;
      const id = idOf(body);
      if (id === undefined) return INCOMPLETE;
      if (!isOwn(caller, body['create_userId'])) return UNKNOWN;
      try {
        return await storage.write(async (unit) => {
          if ((await unit.answers.byId(caller.id, id)) === undefined) return UNKNOWN;
          await unit.answers.update(id, fields, now());
          return { code: 200, msg: '更新成功' };
        });
      } catch (error) {
        if (error instanceof DuplicateKeyError) return { code: 400, msg: '已有相同的问题' };
        throw error;
      }
    },

    remove(caller: AccountRecord, body: AnswerFields): Promise<AnswerOutcome> {
      const id = idOf(body);
      if (id === undefined) return Promise.resolve(INCOMPLETE);
      return storage.write(async (unit) => {
        if ((await unit.answers.byId(caller.id, id)) === undefined) return UNKNOWN;
        await unit.answers.remove(id);
        return { code: 200, msg: '删除成功' };
      });
    },

    async list(caller: AccountRecord, body: AnswerFields): Promise<AnswerOutcome> {
      const type = typeOf(body);
      if (type === undefined || !isGiven(body['userId'])) return INCOMPLETE;
      if (!isOwn(caller, body['userId'])) return UNKNOWN;
      const items = await storage.answers.list(caller.id, type);
      return { code: 200, data: items.map(shown), msg: '获取成功' };
    },

    async detail(caller: AccountRecord, body: AnswerFields): Promise<AnswerOutcome> {
      const id = idOf(body);
      if (id === undefined) return INCOMPLETE;
      const item = await storage.answers.byId(caller.id, id);
      return item === undefined ? UNKNOWN : { code: 200, data: shown(item), msg: '获取成功' };
    },

    /** The one call that looks into the store of somebody else: it finds what a message to them would be answered with. */
    async search(caller: AccountRecord, body: AnswerFields): Promise<AnswerOutcome> {
      const [type, ask] = [typeOf(body), textOf(body['ask'])];
      const ownerId = Number(body['create_userId']);
      if (type === undefined || ask === undefined || !isGiven(body['create_userId'])) return INCOMPLETE;
      if (ownerId !== caller.id && !(await mayAsk(caller, ownerId))) return NO_ANSWERS;
      const items = await storage.answers.list(ownerId, type);
      if (items.length === 0) return NO_ANSWERS;
      // Extension `auto_reply`: what would be answered in the owner's absence.
      const find = body['only'] === 'fitting' ? findFittingAnswer : findAnswer;
      const found = find(items, ask, now());
      if (found === undefined) return { code: 404, msg: '未找到相关问答' };
      const { item, score, loose } = found;
      return { code: 200, data: shown(item), score, msg: loose ? '找到相关回答' : '搜索成功' };
    },
  };

  async function mayAsk(caller: AccountRecord, ownerId: number): Promise<boolean> {
    if (!Number.isSafeInteger(ownerId)) return false;
    const owner = await storage.accounts.byId(ownerId);
    if (owner === undefined || owner.status !== 1) return false;
    const row = await storage.contacts.find(ownerId, caller.id);
    return row === undefined || (row.isblack === 0 && row.status === 1);
  }
}

function shown(item: AnswerRecord) {
  return {
    id: item.id,
    ask: item.ask,
    answer: item.answer,
    type: item.type,
    create_userId: item.ownerId,
    create_time: item.createTime,
    update_time: item.updateTime,
    likeCount: 0,
    liked: false,
  };
}

/** The fields that creating and changing share, or the outcome to answer. */
function contentOf(body: AnswerFields): { type: string; ask: string; answer: string } | AnswerOutcome {
  const [type, ask, answer] = [typeOf(body), textOf(body['ask']), textOf(body['answer'])];
  const isComplete = type !== undefined && ask !== undefined && answer !== undefined;
  if (!isComplete || !isGiven(body['create_userId'])) return INCOMPLETE;
  if (lengthOf(ask) > LONGEST_ASK || lengthOf(answer) > LONGEST_ANSWER) {
    return { code: 400, msg: `问题不能超过${LONGEST_ASK}个字符，答案不能超过${LONGEST_ANSWER}个字符` };
  }
  return { type, ask, answer };
}

function typeOf(body: AnswerFields): string | undefined {
  const type = textOf(body['type']);
  return type === undefined || lengthOf(type) > LONGEST_TYPE ? undefined : type;
}

/** Strictly a number, as documented. Any other id that is there finds nothing. */
function idOf(body: AnswerFields): number | undefined {
  const id = body['id'];
  if (!isGiven(id)) return undefined;
  return typeof id === 'number' && Number.isSafeInteger(id) ? id : -1;
}

function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value)
    .replace(/[\0\p{Surrogate}]/gu, '\u{fffd}')
    .trim();
  return text === '' ? undefined : text;
}

function isOwn(caller: AccountRecord, owner: unknown): boolean {
  return (typeof owner === 'number' || typeof owner === 'string') && Number(owner) === caller.id;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && value !== 0;
}

function lengthOf(text: string): number {
  return [...text].length;
}
