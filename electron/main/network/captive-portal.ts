/**
 * Networks of hotels and trains answer in the place of every server until somebody has signed in. That is told by the
 * answers of the server that was asked anyway: no other address is ever asked for it.
 */
import { problemError } from './problems.ts';
import type { MagpieError } from '#protocol/errors';

export interface StrangeAnswer {
  status: number;
  contentType: string | undefined;
  location: string | undefined;
}

/** The status that was made for such networks (RFC 6585). */
const SIGN_IN_REQUIRED = 511;

/**
 * Our servers answer JSON. A page, or a pointer to another host, is somebody else's answer. Null when it is not; errors
 * of proxies in front of a server (5xx with a page) are not.
 */
export function portalProblem(url: string, answer: StrangeAnswer): MagpieError | null {
  return isPortal(new URL(url), answer)
    ? problemError({ kind: 'captive-portal', origin: new URL(url).origin.replace(/^ws/u, 'http') })
    : null;
}

function isPortal(asked: URL, { status, contentType, location }: StrangeAnswer): boolean {
  if (status === SIGN_IN_REQUIRED) return true;
  if (status >= 300 && status < 400) {
    if (location === undefined || !URL.canParse(location, asked.href)) return false;
    return new URL(location, asked.href).hostname !== asked.hostname;
  }
  return status === 200 && /^text\/html\b/iu.test(contentType ?? '');
}
