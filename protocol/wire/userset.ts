/** The settings text of an account (`userset`): who may write to it without being a friend. */
import { z } from 'zod';
import type { StrangerLimit } from '../model/person.ts';

const LIMITS: readonly StrangerLimit[] = ['none', 'one', 'any'];

const settings = z.looseObject({ chatset: z.looseObject({}).optional().catch(undefined) });
const count = z.looseObject({ sendCount: z.coerce.number().int().min(0).max(2) });

/** Reads both parts; what is missing or damaged is the protocol's default, one message. */
export function parseUserset(text: string): { strangers: StrangerLimit; guests: StrangerLimit } {
  const chatset = settings.safeParse(parsed(text)).data?.chatset;
  return { strangers: limitOf(chatset?.['user']), guests: limitOf(chatset?.['visitor']) };
}

/** The same text with other limits; settings of other clients stay as they are. */
export function writeUserset(
  text: string,
  { strangers, guests }: { strangers: StrangerLimit; guests: StrangerLimit },
): string {
  const before = settings.safeParse(parsed(text)).data ?? {};
  const part = (limit: StrangerLimit) => ({ sendCount: LIMITS.indexOf(limit), needFollow: false });
  return JSON.stringify({ ...before, chatset: { visitor: part(guests), user: part(strangers) } });
}

function limitOf(part: unknown): StrangerLimit {
  // Bare numbers are the early shape, with which servers set no limit at all.
  if (typeof part === 'number') return 'any';
  const read = count.safeParse(part);
  return (read.success ? LIMITS[read.data.sendCount] : undefined) ?? 'one';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
