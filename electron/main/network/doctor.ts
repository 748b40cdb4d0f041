/** Looks for what stands between this app and a server, one step after the other, by the way that everything takes. */
import { isIP } from 'node:net';
import { MagpieError } from '#protocol/errors';
import { speaksToProxy, type NetworkProblem } from '#protocol/model/network';
import {
  DOCTOR_BAD,
  DOCTOR_STEPS,
  type DoctorFinding,
  type DoctorReport,
  type DoctorResult,
  type DoctorStep,
} from '#protocol/model/doctor';
import type { ConnectionState, StorageState } from '#protocol/model/session';
import type { Clock } from '../support/clock.ts';
import type { Dialer } from './dialer.ts';
import { problemIn } from './problems.ts';
import { bareHost, proxyName, type Way } from './proxies.ts';

/** A difference of clocks that is worth a word, milliseconds. */
const CLOCK_TOLERANCE = 2 * 60_000;

export interface DoctorOptions {
  dialer: Dialer;
  clock: Pick<Clock, 'now' | 'uptime'>;
  /** How the history of the account on screen is doing, and how much room there is where it lies; bytes. */
  disk(): Promise<{ state: StorageState; free: number }>;
  /** Asks what lives there; throws `not-a-chat-server` and `server-unreachable`. `serverTime` is null when it did not say. */
  probe(origin: string): Promise<{ extensions: boolean; serverTime: number | null }>;
  /** One call with the token of the account that is signed in there; false when nobody is. */
  signIn(origin: string): Promise<boolean>;
  /** Of the account that is signed in there; null when nobody is. */
  connection(origin: string): ConnectionState | null;
  /** Opens a socket without a token and closes it; false when it was not opened. */
  tryoutSocket(origin: string): Promise<boolean>;
}

export interface Doctor {
  /** `onResult` hears of every step when it begins and when it ends. */
  examine(origin: string, onResult: (result: DoctorResult) => void): Promise<DoctorReport>;
}

type Values = DoctorResult['values'];
type Finding = [DoctorFinding, Values?];

const isBad = (finding: DoctorFinding): boolean => (DOCTOR_BAD as readonly string[]).includes(finding);

export function createDoctor(options: DoctorOptions): Doctor {
  const { clock } = options;

  return {
    async examine(origin, onResult) {
      const results = new Map<DoctorStep, DoctorResult>();
      const begun = new Map<DoctorStep, number>();
      const tell = (result: DoctorResult) => {
        results.set(result.step, result);
        onResult(result);
      };
      const begin = (step: DoctorStep) => {
        begun.set(step, clock.uptime());
        tell({ step, state: 'running', finding: null, values: {}, milliseconds: 0 });
      };
      const end = (step: DoctorStep, [finding, values = {}]: Finding) => {
        const milliseconds = Math.round(clock.uptime() - (begun.get(step) ?? clock.uptime()));
        tell({ step, state: isBad(finding) ? 'failed' : 'ok', finding, values, milliseconds });
        return !isBad(finding);
      };
      const look = async (step: DoctorStep, work: () => Promise<Finding>): Promise<boolean> => {
        begin(step);
        return end(step, await work());
      };
      const report = (): DoctorReport => {
        for (const step of DOCTOR_STEPS)
          if (results.get(step)?.state !== 'ok' && results.get(step)?.state !== 'failed')
            tell({ step, state: 'skipped', finding: null, values: {}, milliseconds: 0 });
        return { origin, at: clock.now(), results: DOCTOR_STEPS.flatMap((step) => results.get(step) ?? []) };
      };

      await look('disk', () => lookAtDisk(options));
      if (!(await dialInSteps(options.dialer, origin, begin, end))) return report();

      let serverTime: number | null = null;
      const found = await look('server', async () => {
        try {
          const probed = await options.probe(origin);
          ({ serverTime } = probed);
          return [probed.extensions ? 'server-ok' : 'server-plain'];
        } catch (thrown) {
          return serverTrouble(thrown, bareHost(new URL(origin).hostname));
        }
      });
      if (!found) return report();
      await look('clock', () => Promise.resolve(lookAtClock(serverTime, clock.now())));
      const known = await look('sign-in', () => lookAtSignIn(options, origin));
      if (known) await look('socket', () => lookAtSocket(options, origin));
      return report();
    },
  };
}

async function lookAtDisk({ disk }: DoctorOptions): Promise<Finding> {
  const { state, free } = await disk();
  const gigabytes = Math.round(free / 1e8) / 10;
  switch (state) {
    case 'ok':
      return ['disk-ok', { gigabytes }];
    case 'full':
      return ['disk-full', { gigabytes }];
    case 'read-only':
      return ['disk-read-only'];
    case 'unavailable':
      return ['disk-unavailable'];
  }
}

/** One dialing is four steps: it is watched, so that what is told is what really happens. */
async function dialInSteps(
  dialer: Dialer,
  origin: string,
  begin: (step: DoctorStep) => void,
  end: (step: DoctorStep, finding: Finding) => boolean,
): Promise<boolean> {
  const { hostname, protocol } = new URL(origin);
  const host = bareHost(hostname);
  let step = 'proxy' as DoctorStep;
  let used = null as Way | null;
  const to = (next: DoctorStep) => {
    step = next;
    begin(next);
  };
  /** Before the line stands: what the steps up to it have to say. */
  const lineStands = (way: Way) => {
    if (used !== null) return;
    used = way;
    if (step === 'proxy') {
      end('proxy', way.kind === 'direct' ? ['proxy-none'] : ['proxy-used', { proxy: proxyName(way) }]);
      to('name');
    }
    if (step === 'name') {
      if (way.kind === 'direct') end('name', [isIP(host) === 0 ? 'name-known' : 'name-number', { host }]);
      else end('name', [isIP(host) === 0 ? 'name-by-proxy' : 'name-number', { host }]);
      to('line');
    }
    end('line', ['line-ok', { host }]);
    to('encryption');
  };

  begin('proxy');
  try {
    const socket = await dialer.dial(origin, {
      ways(ways) {
        if (ways.some(({ kind }) => kind !== 'direct')) return;
        end('proxy', ['proxy-none']);
        to('name');
        if (isIP(host) === 0) return;
        end('name', ['name-number', { host }]);
        to('line');
      },
      resolved(address) {
        if (step !== 'name') return;
        end('name', ['name-known', { host, address }]);
        to('line');
      },
      through: lineStands,
      secured(secured) {
        end(
          'encryption',
          secured.authorized
            ? ['encryption-ok', { version: secured.getProtocol() ?? '' }]
            : ['encryption-trusted', { version: secured.getProtocol() ?? '' }],
        );
      },
    });
    socket.destroy();
    if (protocol !== 'https:') end('encryption', ['encryption-none']);
    return true;
  } catch (thrown) {
    const problem = problemIn(thrown);
    if (problem === null && step === 'name') {
      // It was known, only its addresses were not told of one by one.
      end('name', ['name-known', { host }]);
      to('line');
    }
    end(problem === null ? step : stepOf(problem, step), troubleOf(problem, thrown, host, step));
    return false;
  }
}

function stepOf({ kind }: NetworkProblem, otherwise: DoctorStep): DoctorStep {
  switch (kind) {
    case 'name-unknown':
      return 'name';
    case 'proxy-unreachable':
    case 'proxy-sign-in':
    case 'proxy-refused':
      return 'proxy';
    case 'certificate-unknown':
    case 'certificate-changed':
    case 'no-tls':
      return 'encryption';
    default:
      return otherwise;
  }
}

function troubleOf(problem: NetworkProblem | null, thrown: unknown, host: string, step: DoctorStep): Finding {
  switch (problem?.kind) {
    case 'name-unknown':
      return ['name-unknown', { host }];
    case 'proxy-unreachable':
      return ['proxy-unreachable', { proxy: problem.proxy }];
    case 'proxy-sign-in': {
      const { proxy, schemes } = problem;
      return speaksToProxy(schemes)
        ? ['proxy-sign-in', { proxy }]
        : ['proxy-scheme', { proxy, schemes: schemes.join(', ') }];
    }
    case 'proxy-refused':
      return ['proxy-refused', { proxy: problem.proxy, status: problem.status ?? 0 }];
    case 'certificate-unknown':
    case 'certificate-changed':
      return [problem.kind, { fingerprint: problem.presented.fingerprint }];
    case 'no-tls':
      return ['no-tls', { host }];
    default:
  }
  if (wantsClientCertificate(thrown)) return ['client-certificate', { host }];
  if (step === 'encryption') return ['encryption-failed', { host }];
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (code === 'ECONNREFUSED') return ['line-refused', { host }];
  if (/UNREACH|ENETDOWN|EADDRNOTAVAIL/u.test(code)) return ['line-unreachable', { host }];
  return ['line-silent', { host }];
}

function serverTrouble(thrown: unknown, host: string): Finding {
  const problem = problemIn(thrown);
  if (problem?.kind === 'captive-portal') return ['captive-portal'];
  // In TLS 1.3 it says so only after the handshake.
  if (wantsClientCertificate(thrown)) return ['client-certificate', { host }];
  if (!(thrown instanceof MagpieError)) return ['server-silent'];
  const status = thrown.details?.status ?? 0;
  if (thrown.code === 'not-a-chat-server')
    return status >= 500 ? ['server-failing', { status }] : ['not-a-chat-server'];
  return status >= 500 ? ['server-failing', { status }] : ['server-silent'];
}

/** The server knows its clients by certificates, of which we have none. */
function wantsClientCertificate(thrown: unknown): boolean {
  for (let error: unknown = thrown, depth = 0; error instanceof Error && depth < 10; depth += 1) {
    if ('code' in error && /CERTIFICATE_REQUIRED/u.test(String(error.code))) return true;
    error = error.cause;
  }
  return false;
}

function lookAtClock(serverTime: number | null, now: number): Finding {
  if (serverTime === null) return ['clock-unknown'];
  const by = now - serverTime;
  const minutes = Math.round(Math.abs(by) / 60_000);
  if (Math.abs(by) < CLOCK_TOLERANCE) return ['clock-ok'];
  return [by > 0 ? 'clock-ahead' : 'clock-behind', { minutes }];
}

async function lookAtSignIn({ signIn }: DoctorOptions, origin: string): Promise<Finding> {
  try {
    return [(await signIn(origin)) ? 'sign-in-ok' : 'sign-in-nobody'];
  } catch (thrown) {
    const code = thrown instanceof MagpieError ? thrown.code : '';
    return [code === 'session-ended' || code === 'account-disabled' ? 'sign-in-ended' : 'sign-in-failed'];
  }
}

async function lookAtSocket({ connection, tryoutSocket }: DoctorOptions, origin: string): Promise<Finding> {
  if (connection(origin)?.state === 'online') return ['socket-online'];
  return [(await tryoutSocket(origin)) ? 'socket-open' : 'socket-blocked'];
}
