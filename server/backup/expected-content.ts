/** What of the content that a database names has to be in a backup: not what lies in a bucket. */
import type { StoragePlan } from '../config.ts';
import { IMAGES } from '../domain/file-names.ts';
import { contentIn } from '../storage/sqlite/snapshot.ts';

/** @param database path of a copy */
export function contentOnDisk(database: string, plan: StoragePlan): string[] {
  switch (plan) {
    case 'disk':
      return contentIn(database);
    case 'both':
      return contentIn(database, { except: `${IMAGES}/` });
    case 's3':
      return [];
  }
}
