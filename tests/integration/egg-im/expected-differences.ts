/**
 * Faults of the original server (section 15 of the protocol) that ours mends. A foreign server may show them: they are
 * listed at the end of a run and do not fail it.
 */
import { expect } from 'vitest';
import { FOREIGN } from './world.ts';

/** By their number in the protocol: what the original does, and what is advised. */
export const MENDED_FAULTS = {
  Q5: 'a token that cannot be read answers 500 instead of 400',
  Q6: 'a guest call without a signature answers 500 instead of 400',
  Q14: 'a message of somebody else can be recalled',
  Q15: 'the code of a person in its app form answers 500 instead of a picture',
  Q31: 'the socket opens at `/ws/` too',
  Q33: 'settings that are no JSON are stored',
  Q34: 'unknown paths and wrong methods answer 200 instead of 404',
  ownership: 'a complaint of somebody else can be read',
} as const;
export type MendedFault = keyof typeof MENDED_FAULTS;

/** How many answers showed each of them, and how many were as advised. */
const seen = new Map<MendedFault, { asOriginal: number; asAdvised: number }>();

/** Ours answers as advised; a foreign server may answer as the original does. */
export function expectMended(actual: unknown, fault: MendedFault, mended: unknown, original: unknown): void {
  if (FOREIGN === '') return expect(actual, fault).toEqual(mended);
  const counts = seen.get(fault) ?? { asOriginal: 0, asAdvised: 0 };
  seen.set(fault, counts);
  try {
    expect(actual).toEqual(mended);
    counts.asAdvised += 1;
  } catch {
    expect(actual, `${fault}: neither as advised nor as the original answers`).toEqual(original);
    counts.asOriginal += 1;
  }
}

/** Every fault with what became of it in this run. */
export function report(): string {
  const lines = (Object.entries(MENDED_FAULTS) as [MendedFault, string][]).map(([fault, text]) => {
    const counts = seen.get(fault);
    const found =
      counts === undefined
        ? 'not asked'
        : counts.asOriginal > 0
          ? `shown by ${counts.asOriginal} of ${counts.asOriginal + counts.asAdvised} answers`
          : 'mended there, too';
    return `  ${fault.padEnd(10)} ${found.padEnd(26)} ${text}`;
  });
  return ['Expected differences: faults of the original that do not fail the run.', ...lines, ''].join('\n');
}
