/** Which files can be sent at all, and why the others cannot. */
import { call } from '../bridge.ts';

/** More at once is a mistake of the hand. */
export const MOST_FILES = 100;

export interface Unusable {
  reason: 'empty' | 'too-large' | 'too-many';
  name: string;
}

export async function sift(files: readonly File[]): Promise<{ usable: File[]; unusable: Unusable[] }> {
  const limit = await call('media:limit').catch(() => Number.MAX_SAFE_INTEGER);
  const usable: File[] = [];
  const unusable: Unusable[] = [];
  for (const [index, file] of files.entries()) {
    const { name, size } = file;
    if (index >= MOST_FILES) unusable.push({ reason: 'too-many', name });
    else if (size === 0) unusable.push({ reason: 'empty', name });
    else if (size > limit) unusable.push({ reason: 'too-large', name });
    else usable.push(file);
  }
  return { usable, unusable };
}
