/** What a TLS server shows and proves. */
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError } from '../config.ts';
import type { ServerConfig } from '../config.ts';

export interface Identity {
  /** PEM, with the certificates in between behind it. */
  cert: string;
  /** PEM. */
  key: string;
  /** SHA-256 of the certificate as `AB:CD:…`. */
  fingerprint: string;
}

/**
 * Null for a server without TLS.
 * @throws {ConfigError} for files that cannot be used
 */
export async function identityOf(config: ServerConfig, now: number): Promise<Identity | null> {
  const { tls, tlsCert, tlsKey } = config;
  if (tlsCert !== 'off' || tlsKey !== 'off') {
    if (tls === 'self') throw new ConfigError('--tls self and --tls-cert exclude each other');
    if (tlsCert === 'off' || tlsKey === 'off')
      throw new ConfigError('--tls-cert and --tls-key need each other');
    return identityFrom(read(tlsCert), read(tlsKey), tlsCert);
  }
  return tls === 'off' ? null : storedIdentity(config.dataDirectory, now);
}

/** The certificate of the server's own, made when there is none; see `own-certificate.ts`. */
export async function storedIdentity(dataDirectory: string, now: number): Promise<Identity> {
  // What makes certificates is large: loaded by those only who use it.
  const { ownIdentity } = await import('./own-certificate.ts');
  return ownIdentity(dataDirectory, now);
}

/** @throws {ConfigError} unless the key is the certificate's */
export function identityFrom(cert: string, key: string, source: string): Identity {
  try {
    const certificate = new X509Certificate(cert);
    if (!certificate.checkPrivateKey(createPrivateKey(key))) throw new Error('the key is another one’s');
    return { cert, key, fingerprint: certificate.fingerprint256 };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`${source} cannot be used as the certificate: ${reason}`, { cause: error });
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
