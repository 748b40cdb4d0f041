/**
 * Links to people and groups in every form they come in: `magpie://` links, the web form and the bare form of QR codes.
 * Whatever the text, the worst outcome is `null`; what comes out names an account or a group by number and nothing else
 * is trusted: names and pictures are looked up again.
 */

/** Where a link leads. */
export interface Link {
  kind: 'person' | 'group';
  /** Account id or group id. */
  id: number;
  /** What the link calls it; shown only until the server said it. May be empty. */
  name: string;
  /** The server that the link belongs to; null in forms that do not say it. */
  server: string | null;
  /** True: the person wants no more questions than the server asks. */
  automatic: boolean;
  /** A question to put right after; empty for none. */
  ask: string;
}

export const LINK_SCHEME = 'magpie';

const LONGEST = 4_000;
const LONGEST_NAME = 100;
const LONGEST_QUESTION = 500;
const WEB_PAGE = '/pages/setpageInfo/setpageInfo';
const ID = /^[1-9]\d{0,14}$/u;

/** Understands one text; surrounding blanks do not matter. */
export function parseLink(text: string): Link | null {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > LONGEST) return null;
  if (trimmed.startsWith('{')) return fromBareForm(trimmed);
  if (trimmed.toLowerCase().startsWith(`${LINK_SCHEME}:`)) return fromOwnForm(trimmed);
  if (/^https?:\/\//iu.test(trimmed)) return fromWebForm(trimmed);
  return null;
}

/** The link to be passed on as text. */
export function formatLink(link: Pick<Link, 'kind' | 'id' | 'name' | 'server'>): string {
  const query = new URLSearchParams();
  if (link.name !== '') query.set('name', clip(link.name, LONGEST_NAME));
  if (link.server !== null) query.set('server', link.server);
  const text = query.toString();
  return `${LINK_SCHEME}://${link.kind}/${link.id}${text === '' ? '' : `?${text}`}`;
}

/**
 * What the QR code of a person or a group says: forms that old clients read too. The bare form knows groups only, so
 * people have the web form, under the address of their server.
 */
export function formatCode(link: Pick<Link, 'kind' | 'id' | 'name'> & { server: string }): string {
  const { kind, id, server } = link;
  const name = clip(link.name, LONGEST_NAME);
  if (kind === 'group') return JSON.stringify({ id, name, server });
  const encoded = encodeURIComponent(name);
  return `${server}#${WEB_PAGE}?action=autoAddGroup&title=${encoded}&id=${id}&chatType=single&name=${encoded}`;
}

function fromOwnForm(text: string): Link | null {
  const url = parsedUrl(text);
  if (url === null) return null;
  // Which part is the host differs between parsers of unknown schemes; the words themselves do not.
  const [kind, id, ...rest] = `${url.host}${url.pathname}`.split('/').filter((part) => part !== '');
  if (kind !== 'person' && kind !== 'group') return null;
  if (rest.length > 0) return null;
  const query = url.searchParams;
  return checked({
    kind,
    id: id ?? '',
    name: query.get('name') ?? '',
    server: query.get('server'),
    automatic: query.get('redirect') === 'true',
    ask: query.get('ask') ?? '',
  });
}

function fromWebForm(text: string): Link | null {
  const url = parsedUrl(text);
  const start = text.indexOf(`#${WEB_PAGE}?`);
  if (url === null || start < 0) return null;
  // Names are not encoded there, so what looks like broken encoding is the name itself.
  const values = new Map<string, string>();
  for (const pair of text.slice(start + WEB_PAGE.length + 2).split('&')) {
    const [key = '', ...value] = pair.split('=');
    if (!values.has(key)) values.set(key, decoded(value.join('=')));
  }
  if (values.get('action') !== 'autoAddGroup') return null;
  const chatType = values.get('chatType');
  if (chatType !== 'single' && chatType !== 'group') return null;
  return checked({
    kind: chatType === 'single' ? 'person' : 'group',
    id: values.get('id') ?? '',
    name: values.get('name') ?? values.get('title') ?? '',
    server: url.origin,
    automatic: values.get('redirect') === 'true',
    ask: values.get('ask') ?? '',
  });
}

function fromBareForm(text: string): Link | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || !('id' in value)) return null;
  const { id } = value;
  if (typeof id !== 'number' && typeof id !== 'string') return null;
  return checked({
    kind: 'group',
    id: String(id),
    name: 'name' in value && typeof value.name === 'string' ? value.name : '',
    server: 'server' in value && typeof value.server === 'string' ? value.server : null,
    automatic: false,
    ask: '',
  });
}

function checked(raw: Omit<Link, 'id'> & { id: string }): Link | null {
  if (!ID.test(raw.id)) return null;
  const server = raw.server === null ? null : originOf(raw.server);
  if (raw.server !== null && server === null) return null;
  return {
    kind: raw.kind,
    id: Number(raw.id),
    name: clip(raw.name, LONGEST_NAME),
    server,
    automatic: raw.automatic,
    ask: clip(raw.ask, LONGEST_QUESTION),
  };
}

function originOf(address: string): string | null {
  const url = parsedUrl(address);
  const isPlain =
    url !== null && /^https?:$/u.test(url.protocol) && url.username === '' && url.password === '';
  return isPlain ? url.origin : null;
}

function parsedUrl(text: string): InstanceType<typeof URL> | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whole characters only, and none that would turn the text around or hide a part of it. */
function clip(text: string, longest: number): string {
  const visible = text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, ' ').trim();
  return [...visible].slice(0, longest).join('');
}
