/** Servers that no public authority vouches for, with the real modules and real TLS. */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import type { OpenNetwork } from '../../../electron/main/network/open-network.ts';
import { settingsOver } from '../../../electron/main/settings/settings.ts';
import { readStoredData } from '../../../electron/main/settings/stored-data.ts';
import { systemClock } from '../../../electron/main/support/clock.ts';
import type { MagpieError } from '../../../protocol/errors.ts';
import { makeCertificate, type Certificate } from '../../helpers/certificates.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { authoritiesOf, testNetwork } from '../../helpers/test-network.ts';
import { startTlsFront, type TlsFront } from '../../helpers/tls-front.ts';
import { account, credentials, friends, online, person, portOf, texts, type Person } from './people.ts';

const fronts: TlsFront[] = [];
afterEach(async () => {
  for (const front of fronts.splice(0)) await front.stop();
});

async function behind(certificate: Certificate, host?: string) {
  const front = await startTlsFront(certificate, portOf, host === undefined ? {} : { host });
  fronts.push(front);
  return { front, origin: `https://127.0.0.1:${front.port}` };
}

const refusal = async (work: Promise<unknown>) => {
  const thrown: unknown = await work.then(
    () => 'it went well',
    (error: unknown) => error,
  );
  return (thrown as MagpieError).details?.network ?? thrown;
};
const connectionOf = ({ session }: Person) => session.connection;

/** Somebody signed in at a server whose certificate they trusted. */
async function trusting(origin: string, name: string) {
  const settings = settingsOver();
  const network: OpenNetwork = testNetwork({ settings });
  const who = person(name, settings, systemClock, network);
  const problem = await refusal(who.session.connect(origin));
  if (typeof problem !== 'object' || problem === null || !('presented' in problem))
    throw new Error('no certificate was shown');
  const { fingerprint } = problem.presented as { fingerprint: string };
  network.trust(origin, fingerprint);
  await who.session.connect(origin);
  await who.session.register(credentials(name));
  await online(who);
  return { who, network, settings };
}

test('a self-signed certificate is shown and nothing is sent; once trusted, calls and socket both work, also after a restart', async () => {
  const certificate = await makeCertificate({ name: 'chat.office' });
  const { front, origin } = await behind(certificate);
  const one = person('ann01');
  expect(await refusal(one.session.connect(origin))).toMatchObject({
    ...{ kind: 'certificate-unknown', origin, why: 'self-signed' },
    presented: {
      ...{ subject: 'chat.office, Magpie Tests', issuer: 'chat.office, Magpie Tests' },
      ...{ fingerprint: certificate.fingerprint, names: ['127.0.0.1', expect.stringMatching(/:1$/u)] },
    },
  });
  expect(front.seen.bytes).toBe(0);

  const { who, settings } = await trusting(origin, 'bob01');
  expect(front.seen.bytes).toBeGreaterThan(0);
  await who.session.close();

  const kept = readStoredData(JSON.parse(JSON.stringify(settings.read())));
  const again = person('bob01', settingsOver(kept?.data));
  again.session.restore();
  await online(again);
});

test('a certificate that changes is refused loudly, with both fingerprints and without a byte sent', async () => {
  const before = await makeCertificate();
  const { front, origin } = await behind(before);
  const { who, network } = await trusting(origin, 'ann01');
  const after = await makeCertificate();
  const sent = front.seen.bytes;
  front.show(after);
  await expect
    .poll(() => connectionOf(who), { timeout: 20_000 })
    .toMatchObject({
      state: 'offline',
      problem: {
        ...{ kind: 'certificate-changed', origin, expected: before.fingerprint, expectedBy: 'person' },
        presented: { fingerprint: after.fingerprint },
      },
    });
  expect(front.seen.bytes).toBe(sent);

  // The person compared it with what the administrator says, and says yes.
  network.trust(origin, after.fingerprint);
  (await who.session.runtime()).reconnectNow();
  await online(who);
  expect(network.settings().trusted).toMatchObject([
    { origin, certificate: { fingerprint: after.fingerprint } },
  ]);

  network.revoke(origin);
  expect(network.settings().trusted).toEqual([]);
  (await who.session.runtime()).renewConnection();
  await expect
    .poll(() => connectionOf(who), { timeout: 20_000 })
    .toMatchObject({ state: 'offline', problem: { kind: 'certificate-unknown' } });
});

test('trust belongs to one server: the same certificate elsewhere is asked about anew, and nothing unseen can be trusted', async () => {
  const certificate = await makeCertificate();
  const first = await behind(certificate);
  const second = await behind(certificate);
  const { network, who } = await trusting(first.origin, 'ann01');
  expect(await refusal(who.session.connect(second.origin))).toMatchObject({ kind: 'certificate-unknown' });
  expect(network.certificates.hasShown(first.origin, certificate.fingerprint)).toBe(false);
  expect(() => network.trust('https://127.0.0.1:1', certificate.fingerprint)).toThrow();
});

test('the authority of the company, in the store of the system: no question, and renewals go unnoticed', async () => {
  const authority = await makeCertificate({ name: 'Company CA', isAuthority: true });
  const { front, origin } = await behind(await makeCertificate({ authority }));
  const network = testNetwork({ authorities: authoritiesOf([authority.cert]) });
  const who = person('ann01', settingsOver(), systemClock, network);
  await who.session.connect(origin);
  await who.session.register(credentials('ann01'));
  await online(who);

  front.show(await makeCertificate({ authority }));
  await expect.poll(() => connectionOf(who).state).not.toBe('online');
  (await who.session.runtime()).reconnectNow();
  await online(who);

  // Somebody in between, whom nobody vouches for, is no stranger to be asked about but a change.
  front.show(await makeCertificate());
  await expect
    .poll(() => connectionOf(who), { timeout: 20_000 })
    .toMatchObject({ state: 'offline', problem: { kind: 'certificate-changed', expectedBy: 'authority' } });
});

test('what is wrong with a certificate is told', async () => {
  const authority = await makeCertificate({ name: 'Company CA', isAuthority: true });
  const network = testNetwork({ authorities: authoritiesOf([authority.cert]) });
  const who = person('ann01', settingsOver(), systemClock, network);
  const past = Date.now() - 40 * 86_400_000;
  const cases = [
    ['wrong-name', await makeCertificate({ authority, hosts: ['other.example'] })],
    ['expired', await makeCertificate({ authority, from: past, until: past + 86_400_000 })],
    ['not-yet-valid', await makeCertificate({ authority, from: Date.now() + 86_400_000 })],
    [
      'unknown-issuer',
      await makeCertificate({ authority: await makeCertificate({ name: 'CA', isAuthority: true }) }),
    ],
  ] as const;
  for (const [why, certificate] of cases) {
    const { origin } = await behind(certificate);
    expect(await refusal(who.session.connect(origin))).toMatchObject({ kind: 'certificate-unknown', why });
  }
  expect(await refusal(who.session.connect(`https://127.0.0.1:${portOf()}`))).toMatchObject({
    kind: 'no-tls',
  });
});

test('an invitation names the certificate: that one is trusted without a question, any other is refused', async () => {
  const certificate = await makeCertificate();
  const { front, origin } = await behind(certificate);
  const settings = settingsOver();
  const network = testNetwork({ settings });
  network.certificates.expect(origin, certificate.fingerprint.toLowerCase());
  const who = person('ann01', settings, systemClock, network);
  await who.session.connect(origin);
  expect(network.settings().trusted).toMatchObject([{ origin }]);

  const other = testNetwork();
  other.certificates.expect(origin, certificate.fingerprint);
  front.show(await makeCertificate());
  const guest = person('bob01', settingsOver(), systemClock, other);
  expect(await refusal(guest.session.connect(origin))).toMatchObject({
    ...{ kind: 'certificate-changed', expectedBy: 'invitation', expected: certificate.fingerprint },
  });
});

test('the store of this system is read: its bundle, and what administrators add to it', async () => {
  const [company, extra] = [
    await makeCertificate({ name: 'Company CA', isAuthority: true }),
    await makeCertificate({ name: 'Extra CA', isAuthority: true }),
  ];
  const folder = temporaryFolder('store');
  mkdirSync(join(folder, 'empty'));
  // One entry of the bundle is broken, as it happens.
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  writeFileSync(join(folder, 'bundle.pem'), `${broken}${company.cert}`);
  writeFileSync(join(folder, 'extra.pem'), extra.cert);
  const at = (path: string) => JSON.stringify(new URL(`../../../${path}`, import.meta.url).href);
  for (const [authority, expected] of [
    [company, 'reached'],
    [extra, 'reached'],
    [await makeCertificate({ name: 'Foreign CA', isAuthority: true }), 'failed'],
  ] as const) {
    const { origin } = await behind(await makeCertificate({ authority }));
    const source = `
      const { testNetwork } = await import(${at('tests/helpers/test-network.ts')});
      const { createAuthorities } = await import(${at('electron/main/network/authorities.ts')});
      const { silentLogger } = await import(${at('electron/main/support/logger.ts')});
      const network = testNetwork({ authorities: createAuthorities(silentLogger) });
      console.log((await network.tryProxy(${JSON.stringify(origin)})).outcome);`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', source],
      {
        env: {
          ...process.env,
          SSL_CERT_FILE: join(folder, 'bundle.pem'),
          SSL_CERT_DIR: join(folder, 'empty'),
          NODE_EXTRA_CA_CERTS: join(folder, 'extra.pem'),
        },
      },
    );
    expect(stdout.trim()).toBe(expected);
  }
});

test('a server at an address of the sixth version, with TLS', async () => {
  const { front } = await behind(await makeCertificate(), '::1');
  const origin = `https://[::1]:${front.port}`;
  const { who } = await trusting(origin, 'ann01');
  expect(who.session.state).toMatchObject({ phase: 'signed-in', server: { origin } });
});

test('friends on both sides of a lock write to each other', async () => {
  const { origin } = await behind(await makeCertificate());
  const { bob, withAnn } = await friends();
  const { who } = await trusting(origin, 'carl01');
  await (await who.session.runtime()).apply(account(bob).id, 'hi');
  const { applications } = await (await bob.session.runtime()).listApplications(1);
  const pending = applications.find(({ status }) => status === 'pending');
  if (pending !== undefined) await (await bob.session.runtime()).handleApplication(pending.id, 'agree');
  const withBob = await (await who.session.runtime()).openSingle(account(bob).id);
  await (await who.session.runtime()).sendText(withBob.id, 'from behind the lock');
  await expect.poll(() => texts(bob, `single:${account(who).id}`)).toEqual(['from behind the lock']);
  await (await bob.session.runtime()).sendText(`single:${account(who).id}`, 'heard you');
  await expect.poll(() => texts(who, withBob.id)).toEqual(['from behind the lock', 'heard you']);
  expect(await texts(bob, withAnn)).toEqual([]);
});
