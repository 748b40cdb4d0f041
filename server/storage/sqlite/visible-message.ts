import { sql } from 'kysely';

/**
 * Is the row of `message` in a window of the joined row of `member`, the open one or one from before? For queries that
 * join both tables.
 */
export const visibleMessage = sql<boolean>`(message.seq BETWEEN member.first_seq AND coalesce(member.last_seq, message.seq)
  OR EXISTS (SELECT 1 FROM past_window
    WHERE past_window.account_id = member.account_id
      AND past_window.conversation_id = member.conversation_id
      AND message.seq BETWEEN past_window.first_seq AND past_window.last_seq))`;
