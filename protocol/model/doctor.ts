/** What the connection doctor looks at, step by step, and what it found. */

export const DOCTOR_STEPS = [
  'disk',
  'proxy',
  'name',
  'line',
  'encryption',
  'server',
  'clock',
  'sign-in',
  'socket',
] as const;
export type DoctorStep = (typeof DOCTOR_STEPS)[number];

/** Good news. */
export const DOCTOR_GOOD = [
  'disk-ok',
  'proxy-none',
  'proxy-used',
  'name-known',
  'name-number',
  'name-by-proxy',
  'line-ok',
  'encryption-ok',
  'encryption-trusted',
  'encryption-none',
  'server-ok',
  'server-plain',
  'clock-ok',
  'clock-unknown',
  'sign-in-ok',
  'sign-in-nobody',
  'socket-online',
  'socket-open',
] as const;

/** Bad news: there is advice for each. */
export const DOCTOR_BAD = [
  'disk-full',
  'disk-read-only',
  'disk-unavailable',
  'proxy-unreachable',
  'proxy-sign-in',
  'proxy-scheme',
  'proxy-refused',
  'name-unknown',
  'line-refused',
  'line-silent',
  'line-unreachable',
  'certificate-unknown',
  'certificate-changed',
  'no-tls',
  'encryption-failed',
  'captive-portal',
  'not-a-chat-server',
  'server-silent',
  'client-certificate',
  'server-failing',
  'clock-ahead',
  'clock-behind',
  'sign-in-ended',
  'sign-in-failed',
  'socket-blocked',
] as const;

export type DoctorFinding = (typeof DOCTOR_GOOD)[number] | (typeof DOCTOR_BAD)[number];

export interface DoctorResult {
  step: DoctorStep;
  /** `skipped`: an earlier step failed, so this one could tell nothing. */
  state: 'running' | 'ok' | 'failed' | 'skipped';
  finding: DoctorFinding | null;
  /** What the sentence names: hosts, addresses, numbers. Never names or words of people. */
  values: Record<string, string | number>;
  milliseconds: number;
}

export interface DoctorReport {
  origin: string;
  /** Milliseconds since the epoch. */
  at: number;
  results: DoctorResult[];
}
