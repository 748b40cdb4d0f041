/** Whether a server is the one that it says: the system's authorities decide, else the person, for one server each. */
import { isIP } from 'node:net';
import type tls from 'node:tls';
import type { PeerCertificate } from 'node:tls';
import type { CertificateDoubt, CertificateFacts, TrustedCertificate } from '#protocol/model/network';
import type { SettingsStore } from '../settings/settings.ts';
import { problemError } from './problems.ts';

export interface Certificates {
  /**
   * Judges a finished handshake in which nothing has been sent yet. Throws `server-unreachable` with the problem
   * `certificate-unknown` or `certificate-changed`.
   */
  judge(origin: string, socket: tls.TLSSocket): void;
  /** This is the certificate that was not accepted last. */
  hasShown(origin: string, fingerprint: string): boolean;
  /** The person vouches for the certificate that was shown last. Throws when that was another one. */
  trust(origin: string, fingerprint: string): void;
  /** An invitation names the certificate: it is trusted when it comes, and no other that nobody else vouches for. */
  expect(origin: string, fingerprint: string): void;
  revoke(origin: string): void;
  list(): TrustedCertificate[];
}

export interface CertificatesOptions {
  settings: Pick<SettingsStore, 'read' | 'update'>;
  now(): number;
  onChanged(): void;
}

export function createCertificates({ settings, now, onChanged }: CertificatesOptions): Certificates {
  /** The last ones that were not accepted, by origin: what the person is asked about. */
  const shown = new Map<string, CertificateFacts>();
  const invited = new Map<string, string>();
  const trusted = () => settings.read().network.trusted;
  const verified = () => settings.read().network.verified;
  const change = (part: Partial<ReturnType<typeof settings.read>['network']>) =>
    void settings.update(({ network }) => ({ network: { ...network, ...part } }));
  const keep = (origin: string, certificate: CertificateFacts) =>
    change({ trusted: { ...trusted(), [origin]: { certificate, trustedAt: now() } } });

  return {
    judge(origin, socket) {
      const presented = factsOf(socket.getPeerCertificate());
      const { fingerprint } = presented;
      if (socket.authorized) {
        if (verified()[origin] !== fingerprint)
          change({ verified: { ...verified(), [origin]: fingerprint } });
        return;
      }
      const pinned = trusted()[origin]?.certificate.fingerprint;
      if (pinned === fingerprint) return;
      const why = doubtOf(String(socket.authorizationError), presented);
      const promised = invited.get(origin);
      if (pinned === undefined && promised === fingerprint) {
        invited.delete(origin);
        keep(origin, presented);
        return;
      }
      shown.set(origin, presented);
      const before = (
        [
          [pinned, 'person'],
          [promised, 'invitation'],
          // Whom an authority vouched for before has no reason to come without one now.
          [verified()[origin], 'authority'],
        ] as const
      ).find(([known]) => known !== undefined);
      if (before?.[0] === undefined)
        throw problemError({ kind: 'certificate-unknown', origin, why, presented });
      throw problemError({
        ...{ kind: 'certificate-changed', origin, why, presented },
        ...{ expected: before[0], expectedBy: before[1] },
      });
    },
    hasShown: (origin, fingerprint) => shown.get(origin)?.fingerprint === fingerprint,
    trust(origin, fingerprint) {
      const certificate = shown.get(origin);
      if (certificate?.fingerprint !== fingerprint) throw new Error('not the certificate that was shown');
      shown.delete(origin);
      invited.delete(origin);
      keep(origin, certificate);
      onChanged();
    },
    expect: (origin, fingerprint) => void invited.set(origin, fingerprint.toUpperCase()),
    revoke(origin) {
      const { [origin]: gone, ...rest } = trusted();
      if (gone === undefined) return;
      change({ trusted: rest });
      onChanged();
    },
    list: () =>
      Object.entries(trusted()).map(([origin, { certificate, trustedAt }]) => ({
        ...{ origin, certificate, trustedAt },
      })),
  };
}

/** For hosts of a moment: an authority vouches for them, or nobody does; nobody is asked and nothing remembered. */
export function vouchedFor(origin: string, socket: tls.TLSSocket): void {
  if (socket.authorized) return;
  const presented = factsOf(socket.getPeerCertificate());
  const why = doubtOf(String(socket.authorizationError), presented);
  throw problemError({ kind: 'certificate-unknown', origin, why, presented });
}

/** For a handshake with a host; our own judgement comes after it, so that it can tell what was presented. */
export function handshakeOptions(host: string): tls.ConnectionOptions {
  return {
    host,
    // A number is no name that a server could choose a certificate by.
    servername: isIP(host) === 0 ? host : '',
    // eslint-disable-next-line electron-security/no-weak-options -- the dialer judges the certificate before a byte is sent
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
  };
}

function factsOf(peer: PeerCertificate): CertificateFacts {
  const names = (peer.subjectaltname ?? '')
    .split(', ')
    .map((entry) => entry.replace(/^(DNS|IP Address):/u, ''))
    .filter((entry) => entry !== '');
  return {
    subject: readable(peer.subject),
    issuer: readable(peer.issuer),
    names,
    validFrom: Date.parse(peer.valid_from),
    validTo: Date.parse(peer.valid_to),
    fingerprint: peer.fingerprint256,
  };
}

function readable(name: PeerCertificate['subject'] | undefined): string {
  return [name?.CN, name?.O, name?.OU]
    .flat()
    .filter((part) => part !== undefined && part !== '')
    .join(', ');
}

function doubtOf(code: string, { issuer, subject }: CertificateFacts): CertificateDoubt {
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'wrong-name';
    case 'CERT_HAS_EXPIRED':
      return 'expired';
    case 'CERT_NOT_YET_VALID':
      return 'not-yet-valid';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return 'self-signed';
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return issuer === subject ? 'self-signed' : 'unknown-issuer';
    default:
      return 'other';
  }
}
