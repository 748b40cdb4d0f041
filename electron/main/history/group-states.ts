import type { Membership } from '#protocol/model/group';
import type { GroupState, MembershipChange } from '../dialects/group-calls.ts';
import type { Sql } from './database.ts';

/** What the change log told of groups. Runs inside the caller's transaction. */
export interface GroupStates {
  get(groupId: number): GroupState | null;
  /** Remembers a state; gives what it means for one's own membership, null when that is no news. */
  put(state: GroupState, isNews: boolean): MembershipChange | null;
  /** By one's own doing. */
  set(groupId: number, membership: Membership): void;
}

export function createGroupStates(sql: Sql): GroupStates {
  const get = (groupId: number): GroupState | null => {
    const row = sql.get('SELECT state FROM chat_group WHERE id = ?', groupId);
    return row === null ? null : (JSON.parse(String(row['state'])) as GroupState);
  };
  const write = (state: GroupState) =>
    sql.run(
      'INSERT OR REPLACE INTO chat_group (id, state) VALUES (?, ?)',
      state.groupId,
      JSON.stringify(state),
    );
  const endOf = (groupId: number) =>
    sql.get('SELECT ended FROM conversation WHERE id = ?', `group:${groupId}`)?.['ended'];

  return {
    get,
    put(state, isNews) {
      const before = get(state.groupId);
      // Details of the time before stay known to somebody who is out: the name of the owner, the announcement.
      write({ ...state, details: state.details ?? before?.details ?? null });
      if (!isNews) return null;
      const end = endOf(state.groupId);
      // Entries tell the state of now: one that came and went between two of them was a member all the same.
      const was: Pick<GroupState, 'membership' | 'dissolved'> | null =
        before ?? (end === undefined || end === null ? null : { membership: 'member', dissolved: false });
      const event = was === null ? null : whatHappened(was, state);
      if (event === null || (event === 'removed' && end === 'left')) return null;
      return { groupId: state.groupId, name: state.name, event };
    },
    set(groupId, membership) {
      const unknown = { groupId, name: '', avatars: [], dissolved: false, details: null };
      write({ ...(get(groupId) ?? unknown), membership });
    },
  };
}

function whatHappened(
  before: Pick<GroupState, 'membership' | 'dissolved'>,
  now: GroupState,
): MembershipChange['event'] | null {
  const was = before.membership;
  if (was === 'none') return null;
  if (now.dissolved) return before.dissolved ? null : 'dissolved';
  if (was === 'waiting') {
    if (now.membership === 'none') return 'refused';
    return now.membership === 'waiting' ? null : 'approved';
  }
  return now.membership === 'none' ? 'removed' : null;
}
