/** Work on a data folder that the app has done while no server runs on it: look at a backup, bring one back. */
import type { FoundBackup } from '#protocol/model/office';
import type { ServerTask, TaskResults } from '#protocol/embedded-server';
import { UnusableBackup } from './manifest.ts';
import { chooseBackup } from './place.ts';
import { restoreBackup } from './restore-backup.ts';
import { verifyBackup } from './verify-backup.ts';

/**
 * @param folder a backup, or a place with backups of one server, of which the newest is meant
 * @throws {UnusableBackup} or what the disk says, when a restore was refused; nothing was changed then
 */
export const tasksOn = (
  dataDirectory: string,
): { [Name in ServerTask]: (folder: string) => Promise<TaskResults[Name]> } => ({
  async verify(folder): Promise<FoundBackup> {
    try {
      const { path, madeAt, files, bytes, missing, problems } = await verifyBackup(
        await chooseBackup(folder),
      );
      return { path, madeAt, files, bytes, missing, problem: problems[0] ?? null };
    } catch (error) {
      if (!(error instanceof UnusableBackup)) throw error;
      return { path: folder, madeAt: null, files: 0, bytes: 0, missing: 0, problem: error.message };
    }
  },
  async restore(folder) {
    const { former } = await restoreBackup(folder, dataDirectory, { replace: true, now: Date.now() });
    return { former };
  },
});
