import type { Kysely, Selectable } from 'kysely';
import type { AnswerRecord } from '../records.ts';
import type { AnswerStore } from '../storage.ts';
import type { AnswerTable, Schema } from './schema.ts';

export function answerStore(database: Kysely<Schema>): AnswerStore {
  const ofOwner = (ownerId: number) =>
    database.selectFrom('answer').selectAll().where('owner_id', '=', ownerId);
  return {
    async list(ownerId, type) {
      const rows = await ofOwner(ownerId).where('type', '=', type).orderBy('id').execute();
      return rows.map(answerRecord);
    },
    async byId(ownerId, id) {
      return optional(await ofOwner(ownerId).where('id', '=', id).executeTakeFirst());
    },
    async byAsk(ownerId, type, ask) {
      return optional(
        await ofOwner(ownerId).where('type', '=', type).where('ask', '=', ask).executeTakeFirst(),
      );
    },
    async count(ownerId) {
      const row = await database
        .selectFrom('answer')
        .select((expression) => expression.fn.countAll<number>().as('count'))
        .where('owner_id', '=', ownerId)
        .executeTakeFirstOrThrow();
      return row.count;
    },
    async insert({ ownerId, type, ask, answer, now }) {
      // Documented: the id is the time. Two of the same millisecond must still differ.
      const last = await database
        .selectFrom('answer')
        .select((expression) => expression.fn.max('id').as('id'))
        .executeTakeFirst();
      await database
        .insertInto('answer')
        .values({
          id: Math.max(now, (last?.id ?? 0) + 1),
          owner_id: ownerId,
          type,
          ask,
          answer,
          create_time: now,
          update_time: now,
        })
        .execute();
    },
    async update(id, fields, now) {
      await database
        .updateTable('answer')
        .set({ ...fields, update_time: now })
        .where('id', '=', id)
        .execute();
    },
    async remove(id) {
      await database.deleteFrom('answer').where('id', '=', id).execute();
    },
    async removeAll(ownerId) {
      await database.deleteFrom('answer').where('owner_id', '=', ownerId).execute();
    },
  };
}

function optional(row: Selectable<AnswerTable> | undefined): AnswerRecord | undefined {
  return row === undefined ? undefined : answerRecord(row);
}

function answerRecord(row: Selectable<AnswerTable>): AnswerRecord {
  const { id, type, ask, answer } = row;
  return {
    id,
    ownerId: row.owner_id,
    type,
    ask,
    answer,
    createTime: row.create_time,
    updateTime: row.update_time,
  };
}
