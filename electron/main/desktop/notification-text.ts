/** What a notification says, at each level of privacy. */
import { assertNever } from '#protocol/errors';
import type { MessageContent } from '#protocol/model/message';
import type { NotificationPrivacy } from '#protocol/model/settings';
import type { Arrival } from './attention.ts';
import type { DesktopTexts } from './texts.ts';

/** Longer than any desktop shows. */
const BODY_LIMIT = 240;
const NAMES_IN_DIGEST = 4;

export interface NotificationText {
  title: string;
  /** Plain text; whoever shows it escapes it where markup is understood. */
  body: string;
}

function oneLine(text: string): string {
  const line = text
    .slice(0, BODY_LIMIT * 2)
    .replace(/\s+/gu, ' ')
    .trim();
  const characters = [...line];
  return characters.length > BODY_LIMIT ? `${characters.slice(0, BODY_LIMIT).join('')}…` : line;
}

function contentLine(content: MessageContent, texts: DesktopTexts): string {
  switch (content.kind) {
    case 'text':
    case 'notice':
      return oneLine(content.text);
    case 'unsupported':
      return oneLine(`${content.label} ${content.text}`);
    case 'image':
    case 'video':
    case 'voice':
      return texts.media[content.kind];
    case 'sticker':
      return oneLine(`${texts.media.sticker} ${content.name}`);
    case 'file':
      return oneLine(`${texts.media.file} ${content.file.name}`);
    default:
      return assertNever(content, 'content');
  }
}

export function arrivalText(
  { conversation, message }: Arrival,
  privacy: NotificationPrivacy,
  texts: DesktopTexts,
): NotificationText {
  const { name, unread, kind } = conversation;
  const waiting = texts.newMessages(unread);
  if (privacy === 'none') return { title: 'Magpie', body: texts.newMessages(1) };
  const title = unread > 1 ? `${name} (${unread})` : name;
  if (privacy === 'name' || message === null) return { title: name, body: waiting };
  const line = contentLine(message.content, texts);
  const sender = kind === 'group' && message.content.kind !== 'notice' ? message.senderName : '';
  return { title, body: sender === '' ? line : `${sender}: ${line}` };
}

export function digestText(
  arrivals: readonly Arrival[],
  privacy: NotificationPrivacy,
  texts: DesktopTexts,
): NotificationText {
  const count = arrivals.reduce((sum, { conversation }) => sum + conversation.unread, 0);
  if (privacy === 'none') return { title: 'Magpie', body: texts.newMessages(count) };
  const names = arrivals.slice(0, NAMES_IN_DIGEST).map(({ conversation }) => conversation.name);
  const more = arrivals.length - names.length;
  return {
    title: texts.digest(count, arrivals.length),
    body: names.join(texts.comma) + (more > 0 ? texts.andMore(more) : ''),
  };
}

/** For desktops whose notifications understand markup: what somebody typed stays what they typed. */
export function escapeMarkup(text: string): string {
  return text.replace(/&/gu, '&amp;').replace(/</gu, '&lt;').replace(/>/gu, '&gt;');
}
