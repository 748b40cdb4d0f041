import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { ComplaintStatus, ComplaintRecord } from '../records.ts';
import type { AdminStore } from '../storage.ts';
import { accountRecord } from './account-store.ts';
import { complaintRecord } from './complaint-store.ts';
import type { Schema } from './schema.ts';

/** Tables whose rows the overview counts. */
const COUNTED = [
  'account',
  'chat_group',
  'conversation',
  'message',
  'contact',
  'session',
  'file',
  'complaint',
] as const;

export function adminStore(database: Kysely<Schema>): AdminStore {
  return {
    async accounts({ query, offset, limit }) {
      // The words are looked for as they are: here `%` is no wildcard.
      const pattern = `%${query.replace(/[\\%_]/g, '\\$&')}%`;
      const rows = await database
        .selectFrom('account')
        .selectAll()
        .where(sql<boolean>`(username LIKE ${pattern} ESCAPE '\\' OR nickname LIKE ${pattern} ESCAPE '\\')`)
        .orderBy('id', 'desc')
        .offset(offset)
        .limit(limit)
        .execute();
      return rows.map((row) => ({ ...accountRecord(row), administrator: row.administrator === 1 }));
    },
    async administrators() {
      const rows = await database
        .selectFrom('account')
        .select('id')
        .where('administrator', '=', 1)
        .where('status', '=', 1)
        .execute();
      return rows.map((row) => row.id);
    },
    async setAdministrator(accountId, value) {
      await database
        .updateTable('account')
        .set({ administrator: value ? 1 : 0 })
        .where('id', '=', accountId)
        .execute();
    },
    async setStatus(accountId, status, now) {
      await database
        .updateTable('account')
        .set({ status, update_time: now })
        .where('id', '=', accountId)
        .execute();
    },
    async groups({ offset, limit }) {
      const rows = await database
        .selectFrom('chat_group')
        .innerJoin('conversation', 'conversation.id', 'chat_group.conversation_id')
        .leftJoin('account', 'account.id', 'chat_group.owner_id')
        .select(({ selectFrom, fn }) => [
          'chat_group.id',
          'chat_group.name',
          'chat_group.status',
          'chat_group.dissolved_at',
          'chat_group.create_time',
          'conversation.head_seq',
          'account.username as owner',
          selectFrom('group_member')
            .select(fn.countAll<number>().as('count'))
            .whereRef('group_member.group_id', '=', 'chat_group.id')
            .where('group_member.status', '<>', 2)
            .as('members'),
        ])
        .orderBy('chat_group.id', 'desc')
        .offset(offset)
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        id: row.id,
        name: row.name,
        owner: row.owner ?? '',
        members: row.members ?? 0,
        messages: row.head_seq,
        status: row.status,
        dissolved: row.dissolved_at !== null,
        createTime: row.create_time,
      }));
    },
    async complaints({ openOnly, offset, limit }): Promise<ComplaintRecord[]> {
      let rows = database.selectFrom('complaint').selectAll();
      if (openOnly) rows = rows.where('status', '<', 2).where('is_deleted', '=', 0);
      const found = await rows.orderBy('id', 'desc').offset(offset).limit(limit).execute();
      return found.map(complaintRecord);
    },
    async openComplaints() {
      const row = await database
        .selectFrom('complaint')
        .select((expression) => expression.fn.countAll<number>().as('count'))
        .where('status', '<', 2)
        .where('is_deleted', '=', 0)
        .executeTakeFirstOrThrow();
      return row.count;
    },
    async processComplaint(id, status: ComplaintStatus, reply, now) {
      await database
        .updateTable('complaint')
        .set({ status, admin_reply: reply === '' ? null : reply, update_time: now })
        .where('id', '=', id)
        .execute();
    },
    async complaintFile(complaintId, path) {
      const row = await database
        .selectFrom('complaint_file')
        .innerJoin('file', 'file.id', 'complaint_file.file_id')
        .select('file.path')
        .where('complaint_file.complaint_id', '=', complaintId)
        .where('file.path', '=', path)
        .executeTakeFirst();
      return row !== undefined;
    },
    async counts() {
      const counts: Record<string, number> = {};
      for (const table of COUNTED) {
        const row = await database
          .selectFrom(table)
          .select((expression) => expression.fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow();
        counts[table] = row.count;
      }
      return counts;
    },
    async fileBytes() {
      const { rows } = await sql<{ bytes: number }>`
        SELECT coalesce(sum(size), 0) AS bytes FROM (SELECT max(size) AS size FROM file GROUP BY sha256)`.execute(
        database,
      );
      return rows[0]?.bytes ?? 0;
    },
    async audit(entry) {
      await database
        .insertInto('audit')
        .values({
          time: entry.time,
          actor_id: entry.actorId,
          actor_name: entry.actorName,
          address: entry.address,
          action: entry.action,
          target: entry.target,
          details: entry.details,
        })
        .execute();
    },
    async auditLog({ offset, limit }) {
      const rows = await database
        .selectFrom('audit')
        .selectAll()
        .orderBy('id', 'desc')
        .offset(offset)
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        id: row.id,
        time: row.time,
        actorId: row.actor_id,
        actorName: row.actor_name,
        address: row.address,
        action: row.action,
        target: row.target,
        details: row.details,
      }));
    },
  };
}
