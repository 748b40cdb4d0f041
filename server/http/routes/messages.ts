/** E25 to E27, and what we can beyond the protocol. */
import { CAPABILITIES_PATH, EXTENSIONS } from '#protocol/wire/capabilities';
import { GROUP_EXTENSIONS } from '#protocol/wire/groups';
import { CONTACTS_EXTENSION } from '#protocol/wire/contacts';
import { SYNC_EXTENSIONS } from '#protocol/wire/sync';
import { UPDATES_EXTENSION } from '#protocol/wire/updates';
import { UPLOADS_EXTENSION } from '#protocol/wire/uploads';
import type { WireUploadLimits } from '#protocol/wire/uploads';
import type { Domain } from '../../domain/domain.ts';
import { JsonText } from '../answers.ts';
import {
  clientId,
  clientIds,
  integer,
  mentions,
  oneOf,
  optionalText,
  strictInteger,
  text,
  verbatim,
} from '../parameters.ts';
import type { Routing } from '../routing.ts';

const SERVER_NAME = 'magpie';
const SERVER_VERSION = '0.1.0';

interface MessageRouteOptions {
  recallSeconds: number;
  readReceiptsUpTo: number;
  now: () => number;
  /** Whether there is a release of the app below `/updates/`. */
  offersUpdates: () => boolean;
  uploads: WireUploadLimits;
}

export function registerMessageRoutes(
  routing: Routing,
  { messages }: Domain,
  replay: (accountId: number, tokenHash: string) => void,
  { recallSeconds, readReceiptsUpTo, now, offersUpdates, uploads }: MessageRouteOptions,
): void {
  routing.signedIn(
    'POST',
    'socket/sendmessage',
    {
      sendto_id: integer('接收人/群的id值'),
      chatType: oneOf('接收类型', ['single', 'group']),
      type: text('消息类型'),
      data: verbatim(text('消息内容')),
      options: verbatim(optionalText('额外参数', [1])),
      client_msg_id: clientId('client_msg_id'),
      mentions: mentions('mentions'),
      uploads: clientIds('uploads'),
    },
    async ({ caller, values }) =>
      new JsonText(
        await messages.send(caller, {
          toId: values.sendto_id,
          chatType: values.chatType === 'group' ? 'group' : 'single',
          type: values.type,
          data: values.data,
          options: values.options,
          clientMessageId: values.client_msg_id,
          mentions: values.mentions,
          uploads: values.uploads,
        }),
      ),
  );
  routing.signedIn('POST', 'chatGetmessageOffLine', {}, ({ caller }) => {
    replay(caller.account.id, caller.tokenHash);
    return Promise.resolve('ok');
  });
  routing.signedIn(
    'POST',
    'revokeMessage',
    {
      to_id: integer('接收人/群的id值'),
      // The original demands both, within limits that real values exceed (quirk Q12).
      to_name: optionalText('接收者或者群名称', [1, 50]),
      to_avatar: optionalText('接收者或者群头像', [10, 1000]),
      id: text('消息id'),
      chatType: oneOf('接收类型', ['single', 'group']),
      create_time: strictInteger('消息发送时间', [1_000_000_000_000, () => now()], 0),
    },
    async ({ caller, values }) =>
      new JsonText(
        await messages.recall(caller, {
          toId: values.to_id,
          chatType: values.chatType === 'group' ? 'group' : 'single',
          id: values.id,
          toName: values.to_name,
          toAvatar: values.to_avatar,
          createTime: values.create_time,
        }),
      ),
  );
  routing.open('GET', CAPABILITIES_PATH, {}, () =>
    Promise.resolve({
      server: SERVER_NAME,
      version: SERVER_VERSION,
      extensions: {
        [EXTENSIONS.idempotentSend]: 1,
        [EXTENSIONS.order]: 1,
        [EXTENSIONS.autoReply]: 1,
        [CONTACTS_EXTENSION]: 1,
        [SYNC_EXTENSIONS.sync]: 1,
        [SYNC_EXTENSIONS.history]: 1,
        [SYNC_EXTENSIONS.read]: 1,
        [SYNC_EXTENSIONS.presence]: 1,
        [SYNC_EXTENSIONS.typing]: 1,
        [SYNC_EXTENSIONS.echo]: 1,
        [GROUP_EXTENSIONS.groups]: 1,
        [GROUP_EXTENSIONS.mentions]: 1,
        [GROUP_EXTENSIONS.receipts]: { up_to: readReceiptsUpTo },
        [SYNC_EXTENSIONS.recall]: { limit_ms: recallSeconds * 1000 },
        [UPLOADS_EXTENSION]: uploads,
        ...(offersUpdates() ? { [UPDATES_EXTENSION]: 1 } : {}),
      },
    }),
  );
}
