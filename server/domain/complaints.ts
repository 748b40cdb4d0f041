/** Complaints about people and groups (section 5.8): only their author sees and changes them; administrators work on them. */
import type { AccountRecord, ComplaintRecord, Evidence } from '../storage/records.ts';
import type { Stores } from '../storage/storage.ts';
import type { DomainContext } from './context.ts';
import { useFilesInComplaint } from './file-uses.ts';
import { Refusal } from './refusal.ts';
import { Allowances } from './throttle.ts';
import { isoSeconds } from './times.ts';

/** Code points. */
const LONGEST_REASON = 500;
const LONGEST_CONTENT = 5000;
const LONGEST_NAME = 200;
const LONGEST_IMAGE = 1000;
const MOST_IMAGES = 9;
const MOST_EVIDENCE = 100;
/** Characters of one piece of evidence as JSON text. */
const LONGEST_EVIDENCE = 20_000;
/** Complaints of one account, per hour. */
const MOST_PER_HOUR = 20;

const MISSING = '缺少必要参数';
const NOT_TAKEN = '投诉提交失败';
const UNKNOWN = '投诉记录不存在';
const NOT_CHANGED = '更新失败';

/** Fields of the body as they came. */
export type ComplaintFields = Readonly<Record<string, unknown>>;

export type Complaints = ReturnType<typeof complaintRules>;

export function complaintRules({ storage, now }: DomainContext) {
  const creations = new Allowances({ perSecond: MOST_PER_HOUR / 3600, burst: MOST_PER_HOUR, now });

  return {
    /** @throws {Refusal} with the sentence of the documented failure */
    async create(caller: AccountRecord, body: ComplaintFields): Promise<{ id: number }> {
      const targetId = Number(body['target_id']);
      const targetType = body['target_type'];
      const reason = textOf(body['reason']);
      if (!isGiven(body['target_id']) || !isGiven(targetType) || reason === '') throw new Refusal(MISSING);
      const fields = {
        targetName: textOf(body['target_name']),
        content: textOf(body['content']),
        images: imagesOf(body['images'], NOT_TAKEN),
      };
      const fits =
        Number.isSafeInteger(targetId) &&
        targetId > 0 &&
        lengthOf(reason) <= LONGEST_REASON &&
        lengthOf(fields.targetName) <= LONGEST_NAME &&
        lengthOf(fields.content) <= LONGEST_CONTENT;
      if (!fits || (targetType !== 'single' && targetType !== 'group')) throw new Refusal(NOT_TAKEN);
      const claims = claimsOf(body['complaint_chatinfo']);
      creations.take(String(caller.id));
      return storage.write(async (unit) => {
        const evidence: Evidence[] = [];
        for (const claimed of claims) {
          evidence.push({ claimed, stored: await storedMessage(unit, caller.id, claimed) });
        }
        const about = { userId: caller.id, targetId, targetType, reason } as const;
        const id = await unit.complaints.insert({ ...about, ...fields, evidence, now: now() });
        const stored = evidence.map((one) => one.stored ?? '');
        await useFilesInComplaint(unit, caller, id, [...fields.images, ...stored]);
        return { id };
      });
    },

    async list(caller: AccountRecord) {
      return (await storage.complaints.list(caller.id)).map((complaint) => shown(complaint, caller));
    },

    async detail(caller: AccountRecord, id: number) {
      return shown(await own(storage, caller, id), caller);
    },

    /** Content and pictures; what is missing stays. Only while nobody has begun to work on it. */
    async update(caller: AccountRecord, id: number, body: ComplaintFields): Promise<void> {
      await storage.write(async (unit) => {
        const { status } = await own(unit, caller, id);
        if (status !== 0) throw new Refusal('该投诉已开始处理，无法修改');
        const content = body['content'] === undefined ? undefined : textOf(body['content']);
        if (content !== undefined && lengthOf(content) > LONGEST_CONTENT) throw new Refusal(NOT_CHANGED);
        const images = body['images'] === undefined ? undefined : imagesOf(body['images'], NOT_CHANGED);
        const changes = {
          ...(content === undefined ? {} : { content }),
          ...(images === undefined ? {} : { images }),
        };
        await unit.complaints.update(id, changes, now());
        await useFilesInComplaint(unit, caller, id, images ?? []);
      });
    },

    /** Takes it back. The record stays for administrators. */
    async remove(caller: AccountRecord, id: number): Promise<void> {
      await storage.write(async (unit) => {
        await own(unit, caller, id);
        await unit.complaints.markDeleted(id, now());
      });
    },
  };
}

/** Somebody else's complaint answers like one that does not exist. */
async function own(
  stores: Pick<Stores, 'complaints'>,
  caller: AccountRecord,
  id: number,
): Promise<ComplaintRecord> {
  const complaint = await stores.complaints.byId(id);
  if (complaint?.userId !== caller.id || complaint.isDeleted) throw new Refusal(UNKNOWN);
  return complaint;
}

function shown(complaint: ComplaintRecord, author: AccountRecord) {
  return {
    images: complaint.images,
    id: complaint.id,
    target_id: complaint.targetId,
    target_type: complaint.targetType,
    target_name: complaint.targetName,
    reason: complaint.reason,
    content: complaint.content,
    status: complaint.status,
    admin_reply: complaint.adminReply,
    create_time: isoSeconds(complaint.createTime),
    update_time: isoSeconds(complaint.updateTime),
    user: {
      id: author.id,
      uuid: author.uuid,
      username: author.username,
      nickname: author.nickname,
      avatar: author.avatar,
    },
  };
}

/**
 * What the server itself knows of a message that is handed in as evidence. A copy is kept with the complaint, because a
 * recall erases the message; nobody can prove with it what they could not read.
 */
async function storedMessage(
  stores: Pick<Stores, 'messages'>,
  callerId: number,
  claimed: unknown,
): Promise<string | null> {
  const id = typeof claimed === 'object' && claimed !== null && 'id' in claimed ? claimed.id : claimed;
  if (typeof id !== 'string' || id.length > 100) return null;
  return (await stores.messages.readable(callerId, id)) ?? null;
}

function claimsOf(value: unknown): unknown[] {
  const list = listOf(value);
  if (list === undefined) return [];
  const isTooMuch = list.length > MOST_EVIDENCE;
  if (isTooMuch || list.some((one) => (JSON.stringify(one) ?? '').length > LONGEST_EVIDENCE)) {
    throw new Refusal(NOT_TAKEN);
  }
  return list;
}

function imagesOf(value: unknown, refusal: string): string[] {
  const list = listOf(value) ?? [];
  const isUsable = (one: unknown): one is string =>
    typeof one === 'string' && one !== '' && one.length <= LONGEST_IMAGE && /^(https?:\/\/|\/)/iu.test(one);
  if (list.length > MOST_IMAGES || !list.every(isUsable)) throw new Refusal(refusal);
  return list;
}

/** A list, or the JSON text of one: the original kept that as a text in a text (quirk Q16). */
function listOf(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) ? parsed : [value];
  } catch {
    return [value];
  }
}

function textOf(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number') return '';
  return String(value)
    .replace(/[\0\p{Surrogate}]/gu, '\u{fffd}')
    .trim();
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function lengthOf(text: string): number {
  return [...text].length;
}
