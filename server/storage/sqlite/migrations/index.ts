import { migration001 } from './001-accounts-and-messages.ts';
import { migration002 } from './002-change-log.ts';

/** In order; the position (from 1) is the `user_version` that the migration leaves behind. */
export const MIGRATIONS: readonly string[] = [migration001, migration002];
