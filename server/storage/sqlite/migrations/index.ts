import { migration001 } from './001-accounts-and-messages.ts';
import { migration002 } from './002-change-log.ts';
import { migration003 } from './003-files.ts';
import { migration004 } from './004-groups.ts';
import { migration005 } from './005-service-desk.ts';
import { migration006 } from './006-administration.ts';
import { migration007 } from './007-upload-place.ts';
import { migration008 } from './008-published-files.ts';

/** In order; the position (from 1) is the `user_version` that the migration leaves behind. */
export const MIGRATIONS: readonly string[] = [
  migration001,
  migration002,
  migration003,
  migration004,
  migration005,
  migration006,
  migration007,
  migration008,
];
