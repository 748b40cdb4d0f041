/** What stands between this computer and a server: proxies, certificates, networks that ask for a sign-in first. */

export const PROXY_MODES = ['system', 'manual', 'none'] as const;
export type ProxyMode = (typeof PROXY_MODES)[number];

export const PROXY_KINDS = ['http', 'socks5'] as const;
export type ProxyKind = (typeof PROXY_KINDS)[number];

/** One setting for everything that leaves this app. Addresses of this computer never go through a proxy. */
export interface ProxySetting {
  /** `system` heeds what the system says, scripts (PAC) included. */
  mode: ProxyMode;
  /** The following are of `manual` and stay while another mode is chosen. */
  kind: ProxyKind;
  host: string;
  port: number;
  /** Hosts that are reached without it, separated by commas: `host`, `.domain`, `10.0.0.0/8`. */
  exceptions: string;
}

export const DEFAULT_PROXY: ProxySetting = {
  mode: 'system',
  kind: 'http',
  host: '',
  port: 8080,
  exceptions: '',
};

/** What a certificate says about itself. */
export interface CertificateFacts {
  /** Readable names such as `chat.example.org, Example Ltd`. */
  subject: string;
  issuer: string;
  /** Host names and addresses that it is for. */
  names: string[];
  /** Milliseconds since the epoch. */
  validFrom: number;
  validTo: number;
  /** SHA-256 over the certificate: 32 pairs of capital hexadecimal digits with colons between. */
  fingerprint: string;
}

/** A certificate that nobody vouches for but the person, for one server. */
export interface TrustedCertificate {
  /** `https://host[:port]` */
  origin: string;
  certificate: CertificateFacts;
  /** Milliseconds since the epoch. */
  trustedAt: number;
}

/** Why nobody vouches for a certificate. */
export type CertificateDoubt =
  'self-signed' | 'unknown-issuer' | 'expired' | 'not-yet-valid' | 'wrong-name' | 'other';

/** Why the way to a server ended before it. `proxy` is `host:port`. */
export type NetworkProblem =
  | { kind: 'name-unknown'; host: string }
  | { kind: 'certificate-unknown'; origin: string; why: CertificateDoubt; presented: CertificateFacts }
  | {
      kind: 'certificate-changed';
      origin: string;
      why: CertificateDoubt;
      presented: CertificateFacts;
      /** Fingerprint of the one that was expected, and who had said so. */
      expected: string;
      expectedBy: 'person' | 'authority' | 'invitation';
    }
  | { kind: 'no-tls'; origin: string }
  | { kind: 'proxy-unreachable'; proxy: string }
  /** `again`: what was known already was refused. `schemes`: what the proxy accepts, such as `Basic`, `NTLM`. */
  | { kind: 'proxy-sign-in'; proxy: string; schemes: string[]; again: boolean }
  /** The proxy does not let us to this server; `status` is null for SOCKS. */
  | { kind: 'proxy-refused'; proxy: string; status: number | null }
  /** Somebody else answered in the server's place: this network wants a sign-in first. */
  | { kind: 'captive-portal'; origin: string };

/** Whether we can sign in to a proxy that accepts these ways: by name and password, which is all that we speak. */
export function speaksToProxy(schemes: readonly string[]): boolean {
  return schemes.length === 0 || schemes.some((scheme) => scheme.toLowerCase() === 'basic');
}

/** What the settings screen shows; passwords never leave main. */
export interface NetworkSettings {
  proxy: ProxySetting;
  /** Proxies whose name and password are known. */
  logins: { proxy: string; username: string }[];
  trusted: TrustedCertificate[];
}

/** How an attempt to get through the proxies ended. */
export type ProxyTrial =
  | { outcome: 'reached'; via: string | null; milliseconds: number }
  | { outcome: 'failed'; problem: NetworkProblem | null };
