/**
 * The files of one person's app, with the real main-process modules in a process of its own: `uploader.ts ORDER`. Says when it
 * stands, sends the file at the first line that it hears, and says that it is there.
 */
import { once } from 'node:events';
import { STAGE_PREFIX } from '#protocol/model/message';
import { createEggImDialect } from '../../../electron/main/dialects/egg-im/egg-im-dialect.ts';
import { systemClock } from '../../../electron/main/support/clock.ts';
import { accountMedia } from '../../helpers/account-media.ts';
import { testNetwork } from '../../helpers/test-network.ts';

export interface UploaderOrder {
  origin: string;
  accountId: number;
  token: string;
  /** For what the app keeps. */
  folder: string;
  /** The file to send. */
  path: string;
}

const { origin, accountId, token, folder, path } = JSON.parse(process.argv[2] ?? '') as UploaderOrder;
const dialect = createEggImDialect(
  { origin, accountId, token, deviceId: 'bench', extensions: true },
  testNetwork(),
);
const media = accountMedia({ folder, dialect, clock: systemClock });

async function send(stage: (id: string) => ReturnType<typeof media.stagePath>): Promise<void> {
  const { id, name, mime, size } = await stage(crypto.randomUUID());
  await media.files.ready({ kind: 'file', text: '', file: { url: STAGE_PREFIX + id, name, mime, size } });
}

await dialect.abilities();
const mime = 'application/octet-stream';
// What a running app has done before: its lines and programs are there.
await send((id) => media.stageBytes({ id, name: 'small.bin', mime, bytes: Buffer.from('small') }));
process.stdout.write('ready\n');
await once(process.stdin, 'data');
await send((id) => media.stagePath({ id, mime, path }));
process.stdout.write('done\n');
process.exit(0);
