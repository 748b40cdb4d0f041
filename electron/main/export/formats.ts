/** The two shapes of an exported conversation, piece by piece: no piece grows with the number of messages. */
import type { Completeness, ExportFormat } from '#protocol/model/completeness';
import type { Conversation } from '#protocol/model/conversation';
import { assertNever } from '#protocol/errors';
import { isMedia, PENDING_MAJOR, type Message, type MessageContent } from '#protocol/model/message';
import type { Locale } from '#protocol/model/settings';
import { EXPORT_TEXTS } from './texts.ts';

export interface ExportHead {
  conversation: Pick<Conversation, 'id' | 'kind' | 'name'>;
  completeness: Completeness;
  exportedAt: number;
  locale: Locale;
}

/** The file of a message beside the export: relative, with slashes; null when it could not be had. */
export interface Attachment {
  path: string | null;
}

interface Writer {
  head: string;
  message(message: Message, previous: Message | null, attachment: Attachment | null): string;
  foot: string;
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/gu, (sign) => ENTITIES[sign] ?? '').replaceAll('\0', '\u{fffd}');
}

export function createWriter(format: ExportFormat, head: ExportHead): Writer {
  return format === 'html' ? htmlWriter(head) : jsonWriter(head);
}

function jsonWriter({ conversation, completeness, exportedAt }: ExportHead): Writer {
  const { id, kind, name } = conversation;
  const { tellable, total, here } = completeness;
  const opening = JSON.stringify({
    format: 'magpie-conversation',
    version: 1,
    exportedAt: new Date(exportedAt).toISOString(),
    conversation: { id, kind, name },
    completeness: tellable ? { total, here } : null,
  });
  return {
    head: `${opening.slice(0, -1)},"messages":[`,
    message(message, previous, attachment) {
      const { position, content, recalled } = message;
      const isNumbered = position.minor === 0 && position.major > 0 && position.major < PENDING_MAJOR;
      const entry = {
        id: message.serverId ?? message.id,
        sequence: isNumbered ? position.major : null,
        time: timeOrNull(message.createdAt),
        sender: { id: message.senderId, name: message.senderName },
        own: message.own,
        status: message.status,
        recalled,
        ...(recalled ? {} : content),
        ...(attachment === null ? {} : { attachment: attachment.path }),
      };
      return `${previous === null ? '\n' : ',\n'}${JSON.stringify(entry)}`;
    },
    foot: '\n]}\n',
  };
}

/** A file of its own: no script, nothing loaded from anywhere, and a policy that would refuse it. */
const STYLE = `:root{color-scheme:light dark;--ground:#f4f5f7;--raised:#fff;--own:#d5f2ec;--ink:#16181d;--ink-2:#5b616e}
@media (prefers-color-scheme:dark){:root{--ground:#111315;--raised:#23272b;--own:#134e48;--ink:#eceef1;--ink-2:#a4abb6}}
body{margin:0 auto;max-width:760px;padding:24px 16px;background:var(--ground);color:var(--ink);font:14px/20px system-ui,-apple-system,"Segoe UI",Roboto,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
h1{font-size:20px;line-height:28px;margin:0}header p,.day,.quiet,.who{color:var(--ink-2);font-size:12px;line-height:16px}
header p{margin:4px 0 0}.day,.quiet{text-align:center;margin:20px 0 8px}.quiet{margin:8px 0}
.m{display:flex;flex-direction:column;align-items:flex-start;margin:6px 0}.own{align-items:flex-end}
.who{margin:6px 4px 2px}.b{max-width:80%;padding:8px 12px;border-radius:12px;background:var(--raised);white-space:pre-wrap;overflow-wrap:anywhere}
.own .b{background:var(--own)}
.b strong{display:block}.b img,.b video{display:block;max-width:100%;max-height:420px;border-radius:6px}`;

function htmlWriter({ conversation, completeness, exportedAt, locale }: ExportHead): Writer {
  const texts = EXPORT_TEXTS[locale];
  const stamp = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short' });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'full' });
  const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const shown = (format: Intl.DateTimeFormat, time: number) =>
    timeOrNull(time) === null ? '' : format.format(time);
  const title = escapeHtml(texts.title(conversation.name));
  const { tellable, here, total } = completeness;
  const extent = !tellable ? '' : here >= total ? texts.complete(total) : texts.partial(here, total);
  return {
    head: `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file:; media-src 'self' file:">
<meta name="viewport" content="width=device-width">
<meta name="generator" content="Magpie">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1 dir="auto">${title}</h1>
<p>${escapeHtml(texts.exported(stamp.format(exportedAt)))}</p>
${extent === '' ? '' : `<p>${escapeHtml(extent)}</p>\n`}</header>
<main>
`,
    message(message, previous, attachment) {
      const { own, recalled, content, createdAt, status } = message;
      const today = shown(day, createdAt);
      const isNewDay = previous === null || shown(day, previous.createdAt) !== today;
      const heading = isNewDay && today !== '' ? `<h2 class="day">${escapeHtml(today)}</h2>\n` : '';
      if (recalled || content.kind === 'notice') {
        const recall = own ? texts.recalledByMe : texts.recalled(message.senderName);
        const line = recalled ? recall : content.text;
        return `${heading}<p class="quiet" dir="auto">${escapeHtml(line)}</p>\n`;
      }
      const isThere = status === 'sent' || status === 'read';
      const who = [
        own ? texts.me : message.senderName,
        shown(clock, createdAt),
        ...(isThere ? [] : [texts.unsent]),
      ];
      const label = content.kind === 'unsupported' ? `<strong>${escapeHtml(content.label)}</strong>` : '';
      const url =
        content.kind === 'unsupported' && content.url !== undefined ? `\n${escapeHtml(content.url)}` : '';
      return `${heading}<article class="m${own ? ' own' : ''}"><p class="who" dir="auto">${escapeHtml(
        who.filter((part) => part !== '').join(' · '),
      )}</p><div class="b" dir="auto">${label}${attached(content, attachment, texts.missing)}${escapeHtml(content.text)}${url}</div></article>\n`;
    },
    foot: '</main>\n</body>\n</html>\n',
  };
}

/** A picture, a player or a link to the file beside the page. */
function attached(content: MessageContent, attachment: Attachment | null, missing: string): string {
  if (attachment === null || !isMedia(content)) return '';
  const name = escapeHtml(content.file.name);
  if (attachment.path === null) return `<em>${name} · ${escapeHtml(missing)}</em>`;
  const place = escapeHtml(attachment.path.split('/').map(encodeURIComponent).join('/'));
  switch (content.kind) {
    case 'image':
    case 'sticker':
      return `<a href="${place}"><img src="${place}" alt="${name}" loading="lazy"></a>`;
    case 'video':
      return `<video src="${place}" controls preload="none"></video>`;
    case 'voice':
      return `<audio src="${place}" controls preload="none"></audio>`;
    case 'file':
      return `<a href="${place}" download>${name}</a>`;
    default:
      return assertNever(content, 'content');
  }
}

/** Times come from servers: one that no calendar holds must not end the export. */
function timeOrNull(time: number): string | null {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
