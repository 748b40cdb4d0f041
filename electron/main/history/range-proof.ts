import { createHash } from 'node:crypto';

export interface RangeEntry {
  sequence: number;
  serverId: string;
  recalled: boolean;
}

/** What two sides compare instead of their messages: equal proofs mean the same messages in the same order. */
export interface RangeProof {
  count: number;
  digest: string;
}

export function proveEntries(entries: readonly RangeEntry[]): RangeProof {
  const hash = createHash('sha256');
  for (const { sequence, serverId, recalled } of entries)
    hash.update(JSON.stringify([sequence, serverId, recalled]));
  return { count: entries.length, digest: hash.digest('hex') };
}

export function sameProof(a: RangeProof, b: RangeProof): boolean {
  return a.count === b.count && a.digest === b.digest;
}
