/** E25 and E26, and what we can beyond the protocol. */
import { CAPABILITIES_PATH, EXTENSIONS } from '#protocol/wire/capabilities';
import type { Domain } from '../../domain/domain.ts';
import { JsonText } from '../answers.ts';
import { clientId, integer, oneOf, optionalText, text, verbatim } from '../parameters.ts';
import type { Routing } from '../routing.ts';

const SERVER_NAME = 'magpie';
const SERVER_VERSION = '0.1.0';

export function registerMessageRoutes(
  routing: Routing,
  { messages }: Domain,
  replay: (accountId: number) => void,
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
    },
    async ({ account, values }) =>
      new JsonText(
        await messages.send(account, {
          toId: values.sendto_id,
          chatType: values.chatType === 'group' ? 'group' : 'single',
          type: values.type,
          data: values.data,
          options: values.options,
          clientMessageId: values.client_msg_id,
        }),
      ),
  );
  routing.signedIn('POST', 'chatGetmessageOffLine', {}, ({ account }) => {
    replay(account.id);
    return Promise.resolve('ok');
  });
  routing.open('GET', CAPABILITIES_PATH, {}, () =>
    Promise.resolve({
      server: SERVER_NAME,
      version: SERVER_VERSION,
      extensions: { [EXTENSIONS.idempotentSend]: 1, [EXTENSIONS.order]: 1 },
    }),
  );
}
