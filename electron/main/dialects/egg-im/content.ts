/** What a message says, between the wire (sections 8.2 to 8.4 of the protocol) and our own words. */
import { z } from 'zod';
import type { LinkCard, MediaFile, MessageContent, NoticeParties } from '#protocol/model/message';
import { wireLinkCard } from '#protocol/wire/link-card';
import { parseContent, type WireContent, type WireMessage } from '#protocol/wire/message';

const TEXT_LIMIT = 1_000_000;

/** What ours add under `otherData.magpie`; other clients do not look there. Whatever does not fit is left out. */
const size = z
  .number()
  .int()
  .min(0)
  .max(2 ** 50)
  .catch(0);
const pixels = z.number().int().min(0).max(100_000).catch(0);
const name = z.string().max(1000).catch('');
const extras = z
  .looseObject({
    name,
    size,
    mime: z.string().max(200).catch(''),
    width: pixels,
    height: pixels,
    /** A tiny picture to show until the real one is there. */
    preview: z
      .string()
      .max(4_000)
      .regex(/^data:image\/(webp|jpeg|png);base64,[\w+/=]+$/u)
      .catch(''),
    thumb: z.string().max(2000).catch(''),
    duration: z.number().min(0).max(86_400_000).catch(0),
    waveform: z.array(z.number().int().min(0).max(100)).max(200).catch([]),
  })
  .catch({
    ...{ name: '', size: 0, mime: '', width: 0, height: 0, preview: '', thumb: '', duration: 0 },
    waveform: [],
  });

const otherData = z
  .looseObject({
    duration: z.union([z.number(), z.string()]).nullish().catch(null),
    poster: z.string().nullish().catch(null),
    videoData: z.string().nullish().catch(null),
    typedata: z
      .looseObject({ name: z.string().max(200).nullish().catch(null) })
      .nullish()
      .catch(null),
    name,
    size,
    mime: z.string().max(200).catch(''),
    magpie: z.unknown().optional(),
  })
  .catch({ name: '', size: 0, mime: '' });

/** Kinds keyed on `dataType` that are papers. */
const PAPERS: Record<string, string> = {
  file: 'application/octet-stream',
  pdf: 'application/pdf',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
};

/** Who joined stands in the sender of N6 on every server; who invited them is told by ours alone. */
function partiesOf({ about, from_id }: WireMessage): NoticeParties | null {
  if (about !== undefined) return { accountId: about.account_id, inviterId: about.inviter_id };
  const joined = /^redirect-applyAddGroup\d+-([1-9]\d{0,15})-\d+$/u.exec(from_id)?.[1];
  return joined === undefined ? null : { accountId: Number(joined) };
}

/** @param resolve makes an address absolute */
export function readContent(message: WireMessage, resolve: (url: string) => string): MessageContent {
  const content = parseContent(message.data);
  const text = content.data.slice(0, TEXT_LIMIT);
  if (message.type === 'text' && content.dataType === false) {
    const card = cardIn(content.otherData, text);
    return {
      ...{ kind: 'text', text },
      ...(message.auto_reply === true ? { automatic: true } : {}),
      ...(card === undefined ? {} : { card }),
    };
  }
  if (message.type === 'systemNotice') {
    const about = partiesOf(message);
    return { kind: 'notice', text, ...(about === null ? {} : { about }) };
  }
  const other = otherData.parse(content.otherData ?? {});
  const more = extras.parse(other.magpie ?? {});
  const isAddress = /^(https?:\/)?\//iu.test(text) && !/\s/u.test(text);
  const kind = content.dataType === false ? message.type : content.dataType;
  if (message.type === 'iconMenus' && !isAddress) return { kind: 'text', text };
  // The text is its cover, which a film that could not be looked into has none of.
  const isFilm = kind === 'video' && message.type !== 'iconMenus' && (isAddress || text === '');
  const film = isFilm && typeof other.videoData === 'string' ? other.videoData : '';
  if (isAddress || film !== '') {
    const file = (address: string, fallbackMime: string): MediaFile => ({
      url: resolve(address),
      name: more.name || other.name || nameIn(address),
      size: more.size || other.size,
      mime: more.mime || other.mime || fallbackMime,
    });
    const { width, height, preview } = more;
    if (film !== '') {
      const duration = more.duration || clockMilliseconds(other.duration);
      const poster = text === '' ? '' : resolve(text);
      return {
        ...{ kind: 'video', text: '', file: file(film, 'video/mp4'), poster },
        ...{ width, height, preview, duration },
      } as const;
    }
    if (message.type === 'iconMenus')
      return {
        kind: 'sticker',
        text: '',
        name: other.typedata?.name ?? '',
        file: file(text, 'image/png'),
        width,
        height,
      };
    if (kind === 'image') {
      const thumb = more.thumb === '' ? '' : resolve(more.thumb);
      return { kind: 'image', text: '', file: file(text, 'image/jpeg'), thumb, width, height, preview };
    }
    if (kind === 'audio') {
      // Seconds in the content; the reference client's options, which nobody should read, have milliseconds.
      const duration = more.duration || Number(other.duration ?? 0) * 1000 || 0;
      return { kind: 'voice', text: '', file: file(text, 'audio/mpeg'), duration, waveform: more.waveform };
    }
    const paper = PAPERS[kind];
    if (paper !== undefined) return { kind: 'file', text: '', file: file(text, paper) };
  }
  return {
    kind: 'unsupported',
    label: kind.slice(0, 50),
    text: isAddress ? '' : text,
    ...(isAddress ? { url: resolve(typeof other.videoData === 'string' ? other.videoData : text) } : {}),
  };
}

const withCard = z.object({ magpie: z.object({ card: wireLinkCard }) });

/** A card shows where its link leads, so it has to be about a link that stands in the text. */
function cardIn(other: unknown, text: string): LinkCard | undefined {
  const card = withCard.safeParse(other).data?.magpie.card;
  return card !== undefined && text.includes(card.url) ? card : undefined;
}

/** Null for what is not sent as a file. */
export function writeContent(
  content: MessageContent,
): { type: string; data: WireContent; options: object } | null {
  const base = (file: MediaFile) => ({ name: file.name, size: file.size, mime: file.mime });
  switch (content.kind) {
    case 'image': {
      const { file, width, height, preview, thumb } = content;
      const magpie = { ...base(file), width, height, preview, ...(thumb === '' ? {} : { thumb }) };
      const typedata = { path: file.url };
      return {
        type: 'image',
        data: { data: file.url, dataType: 'image', otherData: { type: 'image', typedata, magpie } },
        options: typedata,
      };
    }
    case 'sticker': {
      const { file, width, height } = content;
      const typedata = { name: content.name, icon: file.url, iconType: 'image', eventType: 'iconMenus' };
      const magpie = { ...base(file), width, height };
      return {
        type: 'iconMenus',
        data: { data: file.url, dataType: 'image', otherData: { type: 'iconMenus', typedata, magpie } },
        options: typedata,
      };
    }
    case 'voice': {
      const { file, duration, waveform } = content;
      const magpie = { ...base(file), duration, waveform };
      const seconds = Math.max(1, Math.round(duration / 1000));
      return {
        type: 'audio',
        data: { data: file.url, dataType: 'audio', otherData: { duration: seconds, magpie } },
        options: { duration, path: file.url },
      };
    }
    case 'video': {
      const { file, poster, width, height, duration, preview } = content;
      const magpie = { ...base(file), width, height, duration, preview };
      const shown = { duration: clockText(duration), poster, videoData: file.url, showPoster: true };
      return {
        type: 'video',
        data: { data: poster, dataType: 'video', otherData: { ...shown, magpie } },
        options: shown,
      };
    }
    case 'file': {
      const { file } = content;
      const dataType = Object.keys(PAPERS).find((kind) => PAPERS[kind] === file.mime) ?? 'file';
      return { type: 'file', data: { data: file.url, dataType, otherData: base(file) }, options: {} };
    }
    case 'text':
    case 'notice':
    case 'unsupported':
      return null;
  }
}

function nameIn(address: string): string {
  const last = address.split(/[?#]/u, 1)[0]?.split('/').pop() ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

/** `m:ss`, also with hours, as other clients show it. */
function clockText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function clockMilliseconds(text: string | number | null | undefined): number {
  if (typeof text === 'number') return text * 1000;
  if (!/^\d{1,4}(:\d{1,2}){0,2}$/u.test(text ?? '')) return 0;
  return (text ?? '').split(':').reduce((sum, part) => sum * 60 + Number(part), 0) * 1000;
}
