import type { FoundServer } from '#protocol/model/office';
import type { Discovery } from '../discovery/discovery.ts';
import type { Office } from '../embedded-server/office.ts';
import type { Handlers } from './dispatch.ts';

export interface OfficeHandlerParts {
  office: Office;
  discovery: Discovery;
  /** Asks the person for a folder; null when they named none. */
  chooseFolder(): Promise<string | null>;
}

type OfficeChannel = Extract<keyof Handlers, `office:${string}` | `discovery:${string}`>;

/** The calls about the server inside the app, and about those of others on the network. */
export function createOfficeHandlers(parts: OfficeHandlerParts): Pick<Handlers, OfficeChannel> {
  const { office, discovery } = parts;
  return {
    'office:get': () => office.state(),
    'office:set-open': ({ open }) => office.setOpen(open),
    'office:set-name': ({ name }) => office.setName(name),
    'office:back-up': () => office.backUp(),
    async 'office:choose-backup-place'() {
      const place = await parts.chooseFolder();
      return place === null ? office.state() : office.setBackupPlace(place);
    },
    'office:plan-backups': ({ everyHours }) => office.planBackups(everyHours),
    async 'office:choose-backup'() {
      const path = await parts.chooseFolder();
      if (path !== null) office.chooseBackup(path);
      return path;
    },
    'office:verify-backup': () => office.verifyBackup(),
    'office:restore-backup': () => office.restoreBackup(),
    'discovery:look': ({ look }): FoundServer[] => {
      if (look) discovery.start();
      else discovery.stop();
      return discovery.servers;
    },
  };
}
