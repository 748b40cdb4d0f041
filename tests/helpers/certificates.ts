/** Certificates as administrators make them: by themselves, or by the authority of their company. */
import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';

export interface Certificate {
  /** PEM */
  cert: string;
  key: string;
  /** SHA-256, as people compare it. */
  fingerprint: string;
}

export interface CertificateWish {
  /** Whose it is. */
  name?: string;
  /** Host names; 127.0.0.1 and ::1 unless others are given. */
  hosts?: string[];
  /** Signed by it; by itself without one. */
  authority?: Certificate;
  isAuthority?: boolean;
  /** Milliseconds since the epoch. */
  from?: number;
  until?: number;
}

const DAY = 86_400_000;

export async function makeCertificate({
  name = 'Magpie Test Server',
  hosts,
  authority,
  isAuthority = false,
  from = Date.now() - DAY,
  until = Date.now() + 30 * DAY,
}: CertificateWish = {}): Promise<Certificate> {
  const altNames =
    hosts === undefined
      ? [
          { type: 7 as const, ip: '127.0.0.1' },
          { type: 7 as const, ip: '::1' },
        ]
      : hosts.map((value) => ({ type: 2 as const, value }));
  const { cert, private: key } = await generate(
    [
      { name: 'commonName', value: name },
      { name: 'organizationName', value: 'Magpie Tests' },
    ],
    {
      ...{ keyType: 'ec', algorithm: 'sha256' },
      ...{ notBeforeDate: new Date(from), notAfterDate: new Date(until) },
      ...(authority === undefined ? {} : { ca: { key: authority.key, cert: authority.cert } }),
      extensions: isAuthority
        ? [
            { name: 'basicConstraints', cA: true, critical: true },
            { name: 'keyUsage', keyCertSign: true, cRLSign: true },
          ]
        : [
            { name: 'basicConstraints', cA: false },
            { name: 'keyUsage', digitalSignature: true },
            { name: 'extKeyUsage', serverAuth: true },
            { name: 'subjectAltName', altNames },
          ],
    },
  );
  return { cert, key, fingerprint: new X509Certificate(cert).fingerprint256 };
}
