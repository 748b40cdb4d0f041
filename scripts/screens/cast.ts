/** The people in the pictures, and how they look. */
import { PNG } from 'pngjs';
import { PlainClient, type PlainAccount } from '../../tests/helpers/plain-egg-im/plain-client.ts';
import type { ServerProcess } from '../../tests/helpers/server-process.ts';

export const PASSWORD = 'screens-password-1';
/** User name, the name that the others see, and the colours of their picture; null for those who chose none. */
export const CAST = {
  lin: ['linmo', '林默', [15, 118, 110]],
  zhou: ['zhouming', '周明', [79, 82, 224]],
  ana: ['anaruiz', 'Ana Ruiz', [190, 24, 93]],
  zhao: ['zhaoxiaoyu', '赵晓雨', null],
  wu: ['wuqian', '吴倩', [194, 87, 12]],
  chen: ['chenli', '陈立', null],
  bo: ['bo_stranger', 'Bo', null],
  mei: ['mei_new', '梅子', null],
} as const;
export type Cast = Record<keyof typeof CAST, PlainAccount>;

/** A picture that is told apart at the size of a tile. */
export function portrait([red, green, blue]: readonly [number, number, number]): Buffer {
  const size = 128;
  const picture = new PNG({ width: size, height: size });
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const head = (x - 64) ** 2 + (y - 50) ** 2 < 24 ** 2;
      const shoulders = (x - 64) ** 2 + (y - 132) ** 2 < 50 ** 2;
      const light = head || shoulders ? 1 : (y / size) * 0.35;
      for (const [channel, value] of [red, green, blue].entries())
        picture.data[(y * size + x) * 4 + channel] = value + (255 - value) * light * 0.9;
      picture.data[(y * size + x) * 4 + 3] = 255;
    }
  return PNG.sync.write(picture);
}

export async function gather(server: ServerProcess): Promise<{ client: PlainClient; cast: Cast }> {
  const client = new PlainClient(server.origin);
  const cast = {} as Cast;
  for (const [key, [username, nickname, colours]] of Object.entries(CAST)) {
    const account = await client.register(username, PASSWORD);
    const update = (fieldname: string, fieldValue: string) =>
      client.data('POST', '/api/chat/updateUserinfo', {
        token: account.token,
        json: { fieldname, fieldValue },
      });
    await update('nickname', nickname);
    if (colours !== null)
      await update('avatar', await client.upload(account, 'avatars', 'me.png', portrait(colours)));
    cast[key as keyof Cast] = account;
  }
  for (const key of ['zhou', 'ana', 'zhao', 'wu', 'chen'] as const)
    await client.befriend(cast.lin, cast[key]);
  return { client, cast };
}
