import { sql } from 'kysely';
import type { Kysely, Selectable } from 'kysely';
import type { FileStore } from '../storage.ts';
import type { FileRecord, UploadRecord } from '../records.ts';
import type { FileTable, Schema, UploadTable } from './schema.ts';
import { visibleMessage } from './visible-message.ts';

export function fileStore(database: Kysely<Schema>): FileStore {
  return {
    async byPath(path) {
      const row = await database.selectFrom('file').selectAll().where('path', '=', path).executeTakeFirst();
      return row === undefined ? undefined : fileRecord(row);
    },
    async byUpload(ownerId, uploadId) {
      const row = await database
        .selectFrom('file')
        .selectAll()
        .where('owner_id', '=', ownerId)
        .where('upload_id', '=', uploadId)
        .executeTakeFirst();
      return row === undefined ? undefined : fileRecord(row);
    },
    async ownWithContent(ownerId, sha256) {
      const row = await database
        .selectFrom('file')
        .selectAll()
        .where('sha256', '=', sha256)
        .where('owner_id', '=', ownerId)
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row === undefined ? undefined : fileRecord(row);
    },
    async hasContent(sha256) {
      const row = await database
        .selectFrom('file')
        .select('id')
        .where('sha256', '=', sha256)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },
    async insert(file) {
      const row = await database
        .insertInto('file')
        .values({
          path: file.path,
          owner_id: file.ownerId,
          upload_id: file.uploadId,
          sha256: file.sha256,
          size: file.size,
          mime: file.mime,
          name: file.name,
          width: file.width,
          height: file.height,
          by_link: file.byLink ? 1 : 0,
          create_time: file.createTime,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      return { ...file, id: row.id };
    },
    async bytesOf(ownerId) {
      const files = await database
        .selectFrom('file')
        .select(({ fn }) => fn.sum<number | null>('size').as('bytes'))
        .where('owner_id', '=', ownerId)
        .executeTakeFirst();
      const uploads = await database
        .selectFrom('upload')
        .select(({ fn }) => fn.sum<number | null>('size').as('bytes'))
        .where('owner_id', '=', ownerId)
        .executeTakeFirst();
      return Number(files?.bytes ?? 0) + Number(uploads?.bytes ?? 0);
    },
    async useInMessage(fileId, messageId) {
      await database
        .insertInto('file_use')
        .values({ file_id: fileId, message_id: messageId })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    async releaseMessage(messageId) {
      await database
        .deleteFrom('file_use')
        .where('message_id', '=', messageId)
        .where('message_id', '<>', 0)
        .execute();
    },
    async useAsAvatar(accountId, fileId) {
      await database
        .deleteFrom('file_use')
        .where('avatar_of', '=', accountId)
        .where('avatar_of', '<>', 0)
        .execute();
      if (fileId === null) return;
      await database.insertInto('file_use').values({ file_id: fileId, avatar_of: accountId }).execute();
    },
    async isAvatar(fileId) {
      const row = await database
        .selectFrom('file_use')
        .select('avatar_of')
        .where('file_id', '=', fileId)
        .where('avatar_of', '<>', 0)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },
    async useInComplaint(fileId, complaintId) {
      await database
        .insertInto('complaint_file')
        .values({ file_id: fileId, complaint_id: complaintId })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    async isUsed(fileId) {
      for (const table of ['file_use', 'complaint_file'] as const) {
        const row = await database
          .selectFrom(table)
          .select('file_id')
          .where('file_id', '=', fileId)
          .limit(1)
          .executeTakeFirst();
        if (row !== undefined) return true;
      }
      return false;
    },
    async isShownTo(fileId, accountId) {
      const { rows } = await sql`
        SELECT 1 FROM file_use
          JOIN message ON message.id = file_use.message_id
          JOIN member ON member.conversation_id = message.conversation_id AND member.account_id = ${accountId}
        WHERE file_use.file_id = ${fileId}
          AND ${visibleMessage}
        LIMIT 1`.execute(database);
      return rows.length > 0;
    },
    async unused(before, limit) {
      const rows = await database
        .selectFrom('file')
        .selectAll()
        .where('create_time', '<', before)
        .where(({ not, exists, selectFrom }) =>
          not(exists(selectFrom('file_use').select('file_id').whereRef('file_use.file_id', '=', 'file.id'))),
        )
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('complaint_file')
                .select('file_id')
                .whereRef('complaint_file.file_id', '=', 'file.id'),
            ),
          ),
        )
        .limit(limit)
        .execute();
      return rows.map(fileRecord);
    },
    async remove(fileId) {
      await database.deleteFrom('file_use').where('file_id', '=', fileId).execute();
      await database.deleteFrom('complaint_file').where('file_id', '=', fileId).execute();
      await database.deleteFrom('file').where('id', '=', fileId).execute();
    },
    async upload(ownerId, uploadId) {
      const row = await database
        .selectFrom('upload')
        .selectAll()
        .where('owner_id', '=', ownerId)
        .where('upload_id', '=', uploadId)
        .executeTakeFirst();
      return row === undefined ? undefined : uploadRecord(row);
    },
    async uploads() {
      return (await database.selectFrom('upload').selectAll().execute()).map(uploadRecord);
    },
    async saveUpload(upload) {
      await database
        .insertInto('upload')
        .values({
          owner_id: upload.ownerId,
          upload_id: upload.uploadId,
          sha256: upload.sha256,
          size: upload.size,
          name: upload.name,
          folder: upload.folder,
          place: upload.place,
          update_time: upload.updateTime,
        })
        .onConflict((conflict) =>
          conflict
            .columns(['owner_id', 'upload_id'])
            .doUpdateSet({ update_time: upload.updateTime, place: upload.place }),
        )
        .execute();
    },
    async removeUpload(ownerId, uploadId) {
      await database
        .deleteFrom('upload')
        .where('owner_id', '=', ownerId)
        .where('upload_id', '=', uploadId)
        .execute();
    },
    async notePublished(path, time) {
      await database
        .insertInto('published')
        .values({ path, time })
        .onConflict((conflict) => conflict.column('path').doUpdateSet({ time }))
        .execute();
    },
    async forgetPublished(path) {
      await database.deleteFrom('published').where('path', '=', path).execute();
    },
    async isPublished(path) {
      const row = await database
        .selectFrom('published')
        .select('path')
        .where('path', '=', path)
        .executeTakeFirst();
      return row !== undefined;
    },
    async publishedInVain(before) {
      const rows = await database
        .selectFrom('published')
        .select('path')
        .where('time', '<', before)
        .where(({ not, exists, selectFrom }) =>
          not(exists(selectFrom('file').select('id').whereRef('file.path', '=', 'published.path'))),
        )
        .execute();
      return rows.map(({ path }) => path);
    },
  };
}

function fileRecord(row: Selectable<FileTable>): FileRecord {
  return {
    id: row.id,
    path: row.path,
    ownerId: row.owner_id,
    uploadId: row.upload_id,
    sha256: row.sha256,
    size: row.size,
    mime: row.mime,
    name: row.name,
    width: row.width,
    height: row.height,
    byLink: row.by_link === 1,
    createTime: row.create_time,
  };
}

function uploadRecord(row: Selectable<UploadTable>): UploadRecord {
  return {
    ownerId: row.owner_id,
    uploadId: row.upload_id,
    sha256: row.sha256,
    size: row.size,
    name: row.name,
    folder: row.folder,
    place: row.place === 'object-storage' ? 'object-storage' : 'server',
    updateTime: row.update_time,
  };
}
