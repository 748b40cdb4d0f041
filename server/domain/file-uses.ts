/** Who may read a file follows from where it is used: in messages, and as the picture of an account. */
import { UPLOADS_GONE } from '#protocol/wire/uploads';
import type { AccountRecord, FileRecord } from '../storage/records.ts';
import type { Stores, UnitOfWork } from '../storage/storage.ts';
import { Refusal } from './refusal.ts';

/** Addresses of ours inside of message contents, absolute or relative. */
const ADDRESSES = /\/((?:public\/uploads|images)\/[\w./-]{1,500})/g;

/** More files than any kind of message has. */
const MOST_FILES = 20;

/** What is uploaded but in no message goes after a while: a message that waited longer must not name dead addresses. */
export async function checkUploads(
  { files }: Pick<Stores, 'files'>,
  senderId: number,
  uploadIds: readonly string[],
): Promise<void> {
  for (const id of uploadIds) {
    if ((await files.byUpload(senderId, id)) === undefined)
      throw new Refusal('上传的文件已不存在，请重新上传', { status: UPLOADS_GONE });
  }
}

/**
 * Opens the files named in a message to the members of its conversation. A sender can only pass on what they may read
 * themselves: knowing or guessing an address opens nothing.
 *
 * @param contents texts of the message in which addresses may be
 */
export async function useFilesInMessage(
  unit: UnitOfWork,
  sender: AccountRecord,
  messageId: number,
  contents: readonly string[],
): Promise<void> {
  for (const path of pathsIn(contents)) {
    const file = await unit.files.byPath(path);
    if (file !== undefined && (await mayRead(unit, file, sender.id))) {
      await unit.files.useInMessage(file.id, messageId);
    }
  }
}

/**
 * Keeps the files that a complaint shows or proves, also when their message is recalled. Only administrators read them
 * there: like with messages, an address that the author could not read counts for nothing.
 */
export async function useFilesInComplaint(
  unit: UnitOfWork,
  author: AccountRecord,
  complaintId: number,
  contents: readonly string[],
): Promise<void> {
  for (const path of pathsIn(contents)) {
    const file = await unit.files.byPath(path);
    if (file !== undefined && (await mayRead(unit, file, author.id))) {
      await unit.files.useInComplaint(file.id, complaintId);
    }
  }
}

/** An avatar is as public as the profile that shows it. Only one's own files become one. */
export async function useFileAsAvatar(unit: UnitOfWork, accountId: number, avatar: string): Promise<void> {
  const [path] = pathsIn([avatar]);
  const file = path === undefined ? undefined : await unit.files.byPath(path);
  await unit.files.useAsAvatar(accountId, file?.ownerId === accountId ? file.id : null);
}

/** @param accountId null for somebody without a token */
export async function mayRead(
  { files }: Pick<Stores, 'files'>,
  file: FileRecord,
  accountId: number | null,
): Promise<boolean> {
  if (file.byLink || file.ownerId === accountId) return true;
  if (accountId !== null && (await files.isShownTo(file.id, accountId))) return true;
  return files.isAvatar(file.id);
}

function pathsIn(contents: readonly string[]): string[] {
  const paths = new Set<string>();
  for (const content of contents) {
    // Some encoders of JSON write `\/`.
    for (const [, path = ''] of content.replaceAll('\\/', '/').matchAll(ADDRESSES)) {
      if (paths.size < MOST_FILES) paths.add(path);
    }
  }
  return [...paths];
}
