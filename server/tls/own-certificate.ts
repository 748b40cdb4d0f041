/** A certificate of the server's own, for teams without an authority: made once, kept in the data folder, known by its fingerprint. */
import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import type { Identity } from './identity.ts';
import { identityFrom } from './identity.ts';

/** Whoever trusts it trusts exactly it, so it may live as long as the data do. */
const YEARS = 30;
const NAME = 'own-certificate.pem';

/**
 * @param now milliseconds since 1970
 * @throws {ConfigError} when what lies there is no certificate with its key
 */
export async function ownIdentity(dataDirectory: string, now: number): Promise<Identity> {
  const path = join(dataDirectory, 'tls', NAME);
  const kept = readKept(path);
  if (kept !== undefined) {
    const identity = identityFrom(kept, kept, path);
    if (Date.parse(new X509Certificate(identity.cert).validTo) > now) return identity;
  }
  const pem = await makeCertificate(now);
  mkdirSync(join(dataDirectory, 'tls'), { recursive: true, mode: 0o700 });
  // One file, whole or not at all: a certificate without its key would be another server after the next start.
  const fresh = `${path}.new`;
  writeFileSync(fresh, pem, { mode: 0o600, flush: true });
  chmodSync(fresh, 0o600);
  renameSync(fresh, path);
  return identityFrom(pem, pem, path);
}

async function makeCertificate(now: number): Promise<string> {
  // A day early: the clocks of a network differ.
  const notBeforeDate = new Date(now - 24 * 60 * 60_000);
  const notAfterDate = new Date(now);
  notAfterDate.setUTCFullYear(notAfterDate.getUTCFullYear() + YEARS);
  const name = hostname().slice(0, 60);
  const { cert, private: key } = await generate([{ name: 'commonName', value: name || 'magpie' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate,
    notAfterDate,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          ...(/^[\w.-]+$/u.test(name) ? [{ type: 2 as const, value: name }] : []),
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return `${cert.trim()}\n${key.trim()}\n`;
}

function readKept(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
