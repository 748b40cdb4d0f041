/**
 * Invitations to a server: `magpie://join?server=https://192.168.1.5:7001&fp=…&name=…`, as a link or in a QR code. Whoever
 * follows one trusts exactly the certificate that it names; see "Invitations" in docs/protocol.md.
 */
import { clipped, compactFingerprint, spreadFingerprint } from './discovery.ts';
import { LINK_SCHEME } from './link.ts';

export interface Invitation {
  /** Always `https`. */
  origin: string;
  /** What the server calls itself; may be empty. */
  name: string;
  /** SHA-256 of its certificate, `AB:CD:…`. */
  fingerprint: string;
}

const LONGEST = 2_000;

export function formatInvitation({ origin, name, fingerprint }: Invitation): string {
  const query = new URLSearchParams();
  query.set('server', origin);
  query.set('fp', compactFingerprint(fingerprint));
  if (clipped(name) !== '') query.set('name', clipped(name));
  return `${LINK_SCHEME}://join?${query.toString()}`;
}

/** Null for everything that is no invitation; surrounding blanks do not matter. */
export function parseInvitation(text: string): Invitation | null {
  const trimmed = text.trim();
  if (trimmed.length > LONGEST || !trimmed.toLowerCase().startsWith(`${LINK_SCHEME}:`)) return null;
  const url = parsed(trimmed);
  // Which part is the host differs between parsers of unknown schemes; the word itself does not.
  if (url === null || `${url.host}${url.pathname}`.replaceAll('/', '').toLowerCase() !== 'join') return null;
  const server = parsed(url.searchParams.get('server') ?? '');
  const fingerprint = spreadFingerprint(url.searchParams.get('fp') ?? '');
  if (server === null || server.protocol !== 'https:' || fingerprint === null) return null;
  if (server.username !== '' || server.password !== '') return null;
  return { origin: server.origin, name: clipped(url.searchParams.get('name') ?? ''), fingerprint };
}

/** The origin of a server at an IP address. */
export function originAt(address: string, port: number): string {
  return `https://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

function parsed(text: string): InstanceType<typeof URL> | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
