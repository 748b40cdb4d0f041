/** What a server says by itself, in the language of the window; a text that is not known stays as it came. */
import type { MessageKey } from '../locales/texts.ts';
import type { Conversation } from '#protocol/model/conversation';
import { assertNever } from '#protocol/errors';
import type { Message, MessageContent, NoticeParties } from '#protocol/model/message';
import { displayName, type Account } from '#protocol/model/account';
import { readAnsweredForMe, readGroupNotice } from '../lib/server-notices.ts';
import { useSessionStore } from '../stores/session.ts';
import { useText } from './use-text.ts';

const TEXTS: Record<string, MessageKey> = {
  '我们已经是好友了，可以开始聊天了': 'system.becameContacts',
  '您可以点击这里，修改密码': 'system.password',
  可查看我加入的群聊列表: 'system.groups',
  可查看我的通讯录好友: 'system.contacts',
  不满意你的头像可以更换: 'system.avatar',
  不满意你的头像可以继续更换: 'system.avatar',
  '谁可以和我聊天，可向我发几条消息': 'system.whoMayWrite',
  展示给别人加你为好友: 'system.ownCode',
  搜索账号加好友或聊天: 'system.search',
  '默认不需要，您可以去设置': 'system.confirmation',
  '当您不在线时，自动回答客户的常见问题': 'system.autoReply',
  '欢迎您，登录可以获取更多功能！': 'system.signIn',
};
const NAMES: Record<string, MessageKey> = {
  好友申请提醒: 'system.newFriends',
  修改密码: 'system.passwordName',
  我的群聊: 'system.groupsName',
  我的通讯录: 'system.contactsName',
  头像设置: 'system.avatarName',
  头像更换成功: 'system.avatarName',
  聊天消息条数限制: 'system.whoMayWriteName',
  我的二维码: 'system.ownCodeName',
  搜索加好友: 'system.searchName',
  加我为好友时是否需要我验证: 'system.confirmationName',
  问答设置: 'system.autoReplyName',
  登录提示: 'system.signInName',
  加群处理: 'system.joinRequestName',
};
const APPLICATION = /^用户\[(.+)\]申请添加您为好友，请尽快处理$/su;

export function useSystemText() {
  const { t } = useText();
  const session = useSessionStore();

  /** By id where the server tells it: two people may have one name. */
  const isMe = (me: Account | null, name: string | null, id: number | null | undefined): boolean =>
    me !== null && (id === undefined ? name === displayName(me) : id === me.id);

  /** A notice of a group as a sentence to the person, who is `you` in it. */
  const groupText = (text: string, own: boolean, about: NoticeParties, me: Account | null): string | null => {
    const notice = readGroupNotice(text);
    if (notice === null) return null;
    switch (notice.kind) {
      case 'created':
        return own ? t('system.groupCreatedByMe') : t('system.groupCreated', { name: notice.name });
      case 'renamed':
        return t(own ? 'system.groupRenamedByMe' : 'system.groupRenamed', { name: notice.group });
      case 'announced':
        return t('system.groupAnnounced', { text: notice.text });
      case 'dissolved':
        return own ? t('system.groupDissolvedByMe') : t('system.groupDissolved');
      case 'left':
        return own ? t('system.groupLeftByMe') : t('system.groupLeft', { name: notice.name });
      case 'joined': {
        const { name, inviter } = notice;
        const isAboutMe = isMe(me, name, about.accountId);
        if (inviter === null)
          return isAboutMe ? t('system.groupJoinedByMe') : t('system.groupJoined', { name });
        if (isAboutMe) return t('system.groupInvitedMe', { inviter });
        return isMe(me, inviter, about.inviterId)
          ? t('system.groupInvitedByMe', { name })
          : t('system.groupInvited', { inviter, name });
      }
      case 'asked': {
        const { name, inviter, group } = notice;
        return inviter === null
          ? t('system.groupAsked', { name, group })
          : t('system.groupAskedFor', { name, inviter, group });
      }
      default:
        return assertNever(notice, 'notice');
    }
  };

  const translate = (content: MessageContent, own: boolean, me: Account | null): string => {
    const { text } = content;
    const key = Object.hasOwn(TEXTS, text) ? TEXTS[text] : undefined;
    if (key !== undefined) return t(key);
    const applicant = APPLICATION.exec(text)?.[1];
    if (applicant !== undefined) return t('system.application', { name: applicant });
    const answer = readAnsweredForMe(text);
    if (answer !== null) return t('system.answeredForMe', { text: answer });
    const about = content.kind === 'notice' ? (content.about ?? {}) : {};
    return groupText(text, own, about, me) ?? text;
  };
  /** Words that a person typed are theirs, also when a server says the same. */
  const isOfServer = (conversationId: string, kind: Message['content']['kind']): boolean =>
    kind === 'notice' || conversationId.startsWith('service:');

  return {
    /** A message's text as it is to be drawn. */
    textOf: ({
      conversationId,
      content,
      own,
    }: Pick<Message, 'conversationId' | 'content' | 'own'>): string =>
      isOfServer(conversationId, content.kind) ? translate(content, own, session.account) : content.text,
    /** The conversation with its name and its preview as they are to be drawn for the account that it belongs to. */
    shown(conversation: Conversation, me: Account | null = session.account): Conversation {
      const { id, kind, name, preview } = conversation;
      const key = kind === 'service' && Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
      const words =
        preview !== null && !preview.recalled && isOfServer(id, preview.content.kind)
          ? { ...preview, content: withText(preview.content, translate(preview.content, preview.own, me)) }
          : preview;
      return { ...conversation, name: key === undefined ? name : t(key), preview: words };
    },
  };
}

const withText = <Content extends MessageContent>(content: Content, text: string): Content => ({
  ...content,
  text,
});
