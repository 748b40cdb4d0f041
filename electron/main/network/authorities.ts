/** Whom the operating system trusts to vouch for servers: the company's own authority is among them where it was installed. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import tls from 'node:tls';
import { systemCertsAsync } from 'system-ca';
import type { Logger } from '../support/logger.ts';

/** Newer runtimes read the stores of Windows and macOS themselves; those of Linux are files that every one can read. */
type ReadStore = (type: 'system') => string[];

export interface Authorities {
  /** What certificates are judged by. Made once: reading some hundred of them takes a moment. */
  context(): Promise<tls.SecureContext>;
}

/** `read` gives the system's certificates as PEM; a store that cannot be read leaves those that came with the runtime. */
export function createAuthorities(
  logger: Logger,
  read: () => Promise<string[]> = readSystemStore,
): Authorities {
  const log = logger.module('authorities');
  let made: Promise<tls.SecureContext> | null = null;
  const make = async () => {
    const system = await read().catch((thrown: unknown) => {
      log.error('system-store-unreadable', thrown);
      return [];
    });
    const sound = system.filter(isReadable);
    log.info('read', { system: sound.length, unreadable: system.length - sound.length });
    return tls.createSecureContext({ ca: [...tls.rootCertificates, ...sound] });
  };
  return { context: () => (made ??= make()) };
}

async function readSystemStore(): Promise<string[]> {
  const { getCACertificates } = tls as typeof tls & { getCACertificates?: ReadStore };
  const system =
    process.platform !== 'linux' && getCACertificates !== undefined
      ? getCACertificates('system')
      : await systemCertsAsync();
  return [...system, ...(await readExtra())];
}

/** Administrators set this for everything that is made with Node. */
async function readExtra(): Promise<string[]> {
  const path = process.env['NODE_EXTRA_CA_CERTS'];
  const text = path === undefined ? '' : await readFile(path, 'utf8').catch(() => '');
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu) ?? [];
}

/** One broken entry of the store must not cost all the others. */
function isReadable(pem: string): boolean {
  try {
    return new X509Certificate(pem).fingerprint256 !== '';
  } catch {
    return false;
  }
}
