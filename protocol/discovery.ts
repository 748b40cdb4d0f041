/** Servers that let others on their network join say so by DNS-SD, as `_magpie._tcp`; what stands in their TXT record. */

import { OFFICE_NAME } from './model/office.ts';

/** Without the underscore and the protocol. */
export const DISCOVERY_TYPE = 'magpie';

const VERSION = '1';
const FINGERPRINT = /^[0-9a-f]{64}$/u;

/** What a server tells of itself; nothing of it is proved but by the handshake with the certificate that it names. */
export interface AnnouncedServer {
  name: string;
  /** SHA-256 of its certificate, `AB:CD:…`. */
  fingerprint: string;
}

/** The entries of the TXT record: `v`, `name`, `fp`. */
export function announcementText({ name, fingerprint }: AnnouncedServer): Record<string, string> {
  return { v: VERSION, name: clipped(name), fp: compactFingerprint(fingerprint) };
}

/** Null for what is of another version or no announcement at all. */
export function readAnnouncement(text: unknown): AnnouncedServer | null {
  if (typeof text !== 'object' || text === null) return null;
  const { v, name, fp } = text as Record<string, unknown>;
  if (v !== VERSION || typeof name !== 'string' || typeof fp !== 'string') return null;
  const fingerprint = spreadFingerprint(fp);
  return fingerprint === null ? null : { name: clipped(name), fingerprint };
}

/** `AB:CD:…` as 64 lower-case hex digits, for links and records. */
export function compactFingerprint(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toLowerCase();
}

/** 64 hex digits, with colons or without, as `AB:CD:…`; null for anything else. */
export function spreadFingerprint(text: string): string | null {
  const digits = compactFingerprint(text);
  return FINGERPRINT.test(digits) ? (digits.toUpperCase().match(/../gu) ?? []).join(':') : null;
}

/** Whole characters, and none that would hide a part of the name or turn it around. */
export function clipped(name: string): string {
  const visible = name.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, ' ').trim();
  return [...visible].slice(0, OFFICE_NAME).join('');
}
