import type { Kysely, Selectable } from 'kysely';
import type { ComplaintRecord, ComplaintStatus, Evidence } from '../records.ts';
import type { ComplaintStore } from '../storage.ts';
import type { ComplaintTable, Schema } from './schema.ts';

export function complaintStore(database: Kysely<Schema>): ComplaintStore {
  const update = (id: number) => database.updateTable('complaint').where('id', '=', id);
  return {
    async list(userId) {
      const rows = await database
        .selectFrom('complaint')
        .selectAll()
        .where('user_id', '=', userId)
        .where('is_deleted', '=', 0)
        .orderBy('id', 'desc')
        .execute();
      return rows.map(complaintRecord);
    },
    async byId(id) {
      const row = await database.selectFrom('complaint').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? undefined : complaintRecord(row);
    },
    async insert(complaint) {
      const row = await database
        .insertInto('complaint')
        .values({
          user_id: complaint.userId,
          target_id: complaint.targetId,
          target_type: complaint.targetType,
          target_name: complaint.targetName,
          reason: complaint.reason,
          content: complaint.content,
          images: JSON.stringify(complaint.images),
          evidence: JSON.stringify(complaint.evidence),
          admin_reply: null,
          create_time: complaint.now,
          update_time: complaint.now,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      return row.id;
    },
    async update(id, { content, images }, now) {
      await update(id)
        .set({
          ...(content === undefined ? {} : { content }),
          ...(images === undefined ? {} : { images: JSON.stringify(images) }),
          update_time: now,
        })
        .execute();
    },
    async markDeleted(id, now) {
      await update(id).set({ is_deleted: 1, update_time: now }).execute();
    },
  };
}

export function complaintRecord(row: Selectable<ComplaintTable>): ComplaintRecord {
  return {
    id: row.id,
    userId: row.user_id,
    targetId: row.target_id,
    targetType: row.target_type === 'group' ? 'group' : 'single',
    targetName: row.target_name,
    reason: row.reason,
    content: row.content,
    images: JSON.parse(row.images) as string[],
    evidence: JSON.parse(row.evidence) as Evidence[],
    status: row.status as ComplaintStatus,
    adminReply: row.admin_reply,
    createTime: row.create_time,
    updateTime: row.update_time,
    isDeleted: row.is_deleted !== 0,
  };
}
