/** Through which proxies a server may be reached, and who we are there. */
import { BlockList, isIP } from 'node:net';
import type { ProxySetting } from '#protocol/model/network';
import { openSecret, sealSecret, type SecretBox } from '../session/secrets.ts';
import type { SettingsStore } from '../settings/settings.ts';

/** One way to a server; `direct` has no proxy. */
export type Way = { kind: 'direct' } | ProxyWay;

export interface ProxyWay {
  kind: 'http' | 'https' | 'socks4' | 'socks5';
  host: string;
  port: number;
}

export interface Login {
  username: string;
  password: string;
}

export interface Proxies {
  /** Ways to an origin, the preferred one first; never empty. */
  waysTo(origin: string): Promise<Way[]>;
  login(way: ProxyWay): Login | null;
  setting(): ProxySetting;
  /** Without a login the known one of that proxy stays. */
  set(setting: ProxySetting, login?: Login | null): void;
  /** Keeps name and password for a proxy (`host:port`), the password sealed; null forgets them. */
  setLogin(proxy: string, login: Login | null): void;
  logins(): { proxy: string; username: string }[];
}

export interface ProxiesOptions {
  settings: Pick<SettingsStore, 'read' | 'update'>;
  secrets: SecretBox;
  /** What the system says about an address, in the words of a PAC script: `PROXY host:port; SOCKS5 host:port; DIRECT`. */
  systemProxy(url: string): Promise<string>;
  onChanged(): void;
}

const DIRECT: readonly Way[] = [{ kind: 'direct' }];

export function createProxies({ settings, secrets, systemProxy, onChanged }: ProxiesOptions): Proxies {
  const stored = () => settings.read().network;
  const change = (part: Partial<ReturnType<typeof stored>>) => {
    settings.update(({ network }) => ({ network: { ...network, ...part } }));
    onChanged();
  };
  const loginsWith = (proxy: string, login: Login | null) => {
    const { [proxy]: _, ...others } = stored().logins;
    if (login === null) return others;
    return {
      ...others,
      [proxy]: { username: login.username, password: sealSecret(secrets, login.password) },
    };
  };
  return {
    async waysTo(origin) {
      const { mode, kind, host, port, exceptions } = stored().proxy;
      const target = bareHost(new URL(origin).hostname);
      if (mode === 'none' || isThisComputer(target)) return [...DIRECT];
      if (mode === 'system') return parsePac(await systemProxy(`${origin}/`));
      return host === '' || isException(target, exceptions) ? [...DIRECT] : [{ kind, host, port }];
    },
    login(way) {
      const known = stored().logins[proxyName(way)];
      if (known === undefined) return null;
      const password = openSecret(secrets, known.password);
      return password === null ? null : { username: known.username, password };
    },
    setting: () => stored().proxy,
    set: (setting, login) =>
      change({
        proxy: setting,
        ...(login === undefined ? {} : { logins: loginsWith(proxyName(setting), login) }),
      }),
    setLogin: (proxy, login) => change({ logins: loginsWith(proxy, login) }),
    logins: () => Object.entries(stored().logins).map(([proxy, { username }]) => ({ proxy, username })),
  };
}

/** `host:port`, as people write it. */
export function proxyName({ host, port }: Pick<ProxyWay, 'host' | 'port'>): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Without the brackets that an address of the sixth version has in a URL. */
export function bareHost(host: string): string {
  return host.replace(/^\[|\]$/gu, '');
}

/** What goes there stays on this computer: no proxy could reach it. */
export function isThisComputer(host: string): boolean {
  const name = bareHost(host).toLowerCase();
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    (isIP(name) === 4 && name.startsWith('127.')) ||
    name === '::1' ||
    /^::ffff:(127\.|7f[\da-f]{2}:)/u.test(name)
  );
}

/** The words of PAC scripts, which Chromium also uses for what the system says. Unknown ones are left out. */
export function parsePac(words: string): Way[] {
  const ways = words.split(';').flatMap((entry): Way[] => {
    const [word = '', address = ''] = entry.trim().split(/\s+/u);
    if (word.toUpperCase() === 'DIRECT') return [{ kind: 'direct' }];
    const kind = (
      {
        PROXY: 'http',
        HTTP: 'http',
        HTTPS: 'https',
        SOCKS: 'socks4',
        SOCKS4: 'socks4',
        SOCKS5: 'socks5',
      } as const
    )[word.toUpperCase()];
    if (kind === undefined || !URL.canParse(`http://${address}`)) return [];
    const { hostname, port } = new URL(`http://${address}`);
    const usual = { http: 80, https: 443, socks4: 1080, socks5: 1080 }[kind];
    return [{ kind, host: bareHost(hostname), port: port === '' ? usual : Number(port) }];
  });
  return ways.length === 0 ? [...DIRECT] : ways;
}

function isException(host: string, list: string): boolean {
  return list
    .split(/[\s,;]+/u)
    .filter((rule) => rule !== '')
    .some((rule) => matches(host.toLowerCase(), rule.toLowerCase()));
}

function matches(host: string, rule: string): boolean {
  const [network = '', bits] = rule.split('/');
  const family = isIP(network);
  if (bits !== undefined && family !== 0) {
    if (isIP(host) !== family || !/^\d+$/u.test(bits)) return false;
    const subnet = new BlockList();
    const type = family === 6 ? 'ipv6' : 'ipv4';
    try {
      subnet.addSubnet(network, Number(bits), type);
    } catch {
      return false;
    }
    return subnet.check(host, type);
  }
  const suffix = rule.replace(/^\*/u, '');
  return suffix.startsWith('.')
    ? host.endsWith(suffix) || host === suffix.slice(1)
    : host === bareHost(suffix);
}
