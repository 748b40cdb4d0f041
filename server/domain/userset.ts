/** The settings text of an account (section 3.8): who may write to its owner, and how much. */
import { Refusal } from './refusal.ts';
import type { Role } from '../storage/records.ts';

/** 0 refused, 1 one message, 2 unlimited. */
export type SendCount = 0 | 1 | 2;

const DEFAULT_SEND_COUNT: SendCount = 1;
/** Column size of the original, bytes. */
const LONGEST = 65_535;

/** Refuses what would make the owner unreachable (quirk Q33). */
export function checkUserset(text: string): void {
  const settings = parsed(text);
  const valid =
    settings !== undefined &&
    Buffer.byteLength(text) <= LONGEST &&
    (settings['chatset'] === undefined ||
      (isRecord(settings['chatset']) &&
        part(settings['chatset'], 'visitor') !== undefined &&
        part(settings['chatset'], 'user') !== undefined));
  if (!valid) throw new Refusal('用户设置格式错误');
}

/** How much an account lets strangers of a role write. Anything unreadable counts as the default. */
export function sendCountFor(role: Role, userset: string): SendCount {
  const chatset = parsed(userset)?.['chatset'];
  if (!isRecord(chatset)) return DEFAULT_SEND_COUNT;
  return part(chatset, role) ?? DEFAULT_SEND_COUNT;
}

function part(chatset: Record<string, unknown>, role: Role): SendCount | undefined {
  const value = chatset[role];
  // Bare numbers are the early shape; the final server sets no limit then, whatever the number.
  if (typeof value === 'number') return 2;
  if (!isRecord(value)) return undefined;
  const count = Number(value['sendCount']);
  return count === 0 || count === 1 || count === 2 ? count : undefined;
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
