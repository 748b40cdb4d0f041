/** E39: QR codes as pictures. */
import type { Domain } from '../../domain/domain.ts';
import { BinaryAnswer } from '../answers.ts';
import { codePng } from '../code-picture.ts';
import { integer, oneOf, optional, optionalText } from '../parameters.ts';
import type { Routing } from '../routing.ts';

export function registerCodeRoutes(routing: Routing, { codes }: Domain): void {
  routing.signedIn(
    'GET',
    'groupQrcode/:id',
    {
      id: integer('群id或者个人id'),
      type: optionalText('类型', [1, 20]),
      http: optionalText('网页地址', [1, 500]),
      chatType: optional(oneOf('聊天类型', ['group', 'single']), 'group'),
    },
    async ({ account, values }) => {
      const chatType = values.chatType === 'single' ? 'single' : 'group';
      const webClient = values.type === 'H5' ? values.http : '';
      const text = await codes.textFor(account, { chatType, id: values.id, webClient });
      return new BinaryAnswer('image/png', codePng(text));
    },
  );
}
