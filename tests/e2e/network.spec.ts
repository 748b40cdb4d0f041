/** Networks as they are: certificates that nobody vouches for, and proxies, as a person meets them. */
import { makeCertificate, type Certificate } from '../helpers/certificates.ts';
import { startProxy, type ProxyOrder, type ProxyProcess } from '../helpers/proxy-process.ts';
import { startTlsFront, type TlsFront } from '../helpers/tls-front.ts';
import { expectAccessible } from './accessible.ts';
import { expect, test as base, type ServerProcess } from './fixtures.ts';
import { connectTo, expectOnline, register } from './person.ts';

interface NetworkFixtures {
  startFront: (certificate: Certificate, server: ServerProcess) => Promise<TlsFront & { origin: string }>;
  startProxy: (order: ProxyOrder) => Promise<ProxyProcess>;
}

const test = base.extend<NetworkFixtures>({
  startFront: async ({}, use) => {
    const fronts: TlsFront[] = [];
    await use(async (certificate, server) => {
      const front = await startTlsFront(certificate, () => Number(new URL(server.origin).port));
      fronts.push(front);
      return Object.assign(front, { origin: `https://127.0.0.1:${front.port}` });
    });
    for (const front of fronts) await front.stop();
  },
  startProxy: async ({}, use) => {
    const proxies: ProxyProcess[] = [];
    await use(async (order) => {
      const proxy = await startProxy(order);
      proxies.push(proxy);
      return proxy;
    });
    for (const proxy of proxies) await proxy.stop();
  },
});

test('a self-signed server: asked once, believed after a restart, refused when it changes, taken back in the settings', async ({
  launchMagpie,
  startServer,
  startFront,
}) => {
  const server = await startServer();
  const certificate = await makeCertificate({ name: 'chat.office' });
  const front = await startFront(certificate, server);
  const magpie = await launchMagpie();

  const dialog = magpie.page.getByTestId('certificate-dialog');
  await magpie.page.getByTestId('welcome-server-url').fill(front.origin);
  await magpie.page.getByTestId('welcome-connect').click();
  await expect(dialog).toContainText('chat.office');
  await expect(dialog.getByTestId('certificate-fingerprint')).toHaveText(certificate.fingerprint);
  await expectAccessible(magpie.page, 'unknown certificate');
  expect(front.seen.bytes).toBe(0);
  await dialog.getByTestId('certificate-refuse').click();
  await expect(magpie.page.getByText('Nobody vouches for the certificate')).toBeVisible();
  expect(front.seen.bytes).toBe(0);

  await magpie.page.getByTestId('welcome-connect').click();
  await dialog.getByTestId('certificate-trust').click();
  await expect(magpie.page.getByTestId('sign-in-form')).toBeVisible();
  await register(magpie.page, 'ann_tls');

  await magpie.relaunch();
  await expectOnline(magpie.page);

  const other = await makeCertificate({ name: 'chat.office' });
  const sent = front.seen.bytes;
  front.show(other);
  const status = magpie.page.getByTestId('connection-status');
  await expect(status).toContainText('another certificate', { timeout: 90_000 });
  await magpie.page.getByTestId('connection-details').click();
  const changed = magpie.page.getByTestId('certificate-dialog');
  await expect(changed.getByTestId('certificate-expected')).toHaveText(certificate.fingerprint);
  await expect(changed.getByTestId('certificate-fingerprint')).toHaveText(other.fingerprint);
  await expect(changed.getByTestId('certificate-trust')).toBeDisabled();
  await expectAccessible(magpie.page, 'changed certificate');
  expect(front.seen.bytes).toBe(sent);
  await changed.getByTestId('certificate-compared').check();
  await changed.getByTestId('certificate-trust').click();
  await expectOnline(magpie.page);

  await magpie.page.getByTestId('rail-settings').click();
  await magpie.page.getByTestId('settings-certificates').click();
  const list = magpie.page.getByTestId('network-certificates');
  await expect(list.getByTestId('trusted-certificate')).toHaveCount(1);
  await expect(list.getByTestId('certificate-fingerprint')).toHaveText(other.fingerprint);
  await expectAccessible(magpie.page, 'trusted certificates');
  await list.getByTestId('certificate-revoke').click();
  await magpie.page.getByTestId('confirm-ok').click();
  await expect(list.getByTestId('trusted-certificate')).toHaveCount(0);
  await expect(status).toHaveAttribute('data-state', /offline|connecting/u);
  await expect(status).toContainText('Nobody vouches', { timeout: 90_000 });
  expect(magpie.problems()).toEqual([]);
});

for (const kind of ['http', 'socks5'] as const) {
  test(`behind a ${kind} proxy that asks for a password: set up before signing in, tested, used for calls and the socket`, async ({
    launchMagpie,
    startServer,
    startProxy,
  }) => {
    const server = await startServer();
    const { port } = new URL(server.origin);
    const proxy = await startProxy({ kind, login: { username: 'ann', password: 'open sesame' } });
    const magpie = await launchMagpie();
    const { page } = magpie;

    await page.getByTestId('welcome-proxy').click();
    const dialog = page.getByTestId('network-proxy');
    await dialog.getByTestId('proxy-mode').getByRole('radio', { name: 'This one' }).click();
    await dialog
      .getByTestId('proxy-kind')
      .getByRole('radio', { name: kind === 'http' ? 'HTTP' : 'SOCKS5' })
      .click();
    await dialog.getByTestId('proxy-host').fill('127.0.0.1');
    await dialog.getByTestId('proxy-port').fill(String(proxy.port));
    await expectAccessible(page, 'proxy setting');
    await dialog.getByTestId('proxy-save').click();
    await expect(dialog).toBeHidden();

    // Nobody but the proxy knows this name.
    const origin = `http://chat.magpie.test:${port}`;
    await page.getByTestId('welcome-server-url').fill(origin);
    await page.getByTestId('welcome-connect').click();
    const question = page.getByTestId('proxy-dialog');
    await expect(question).toContainText(`127.0.0.1:${proxy.port}`);
    await question.getByTestId('proxy-dialog-user').fill('ann');
    await question.getByTestId('proxy-dialog-password').fill('wrong');
    await question.getByTestId('proxy-dialog-ok').click();
    await expect(question).toContainText('did not accept');
    await expect.poll(() => proxy.seen.refused).toBeGreaterThan(0);
    await question.getByTestId('proxy-dialog-user').fill('ann');
    await question.getByTestId('proxy-dialog-password').fill('open sesame');
    await question.getByTestId('proxy-dialog-ok').click();
    await expect(page.getByTestId('sign-in-form')).toBeVisible();
    await register(page, `ann_${kind}`);
    await expect.poll(() => proxy.seen.tunnels).toBeGreaterThanOrEqual(2);
    const standing = proxy.seen.tunnels;

    await magpie.relaunch();
    await expectOnline(magpie.page);
    await expect.poll(() => proxy.seen.tunnels).toBeGreaterThan(standing);
    await magpie.page.getByTestId('rail-settings').click();
    await magpie.page.getByTestId('settings-proxy').click();
    await magpie.page.getByTestId('proxy-try').click();
    await expect(magpie.page.getByTestId('proxy-trial')).toHaveAttribute('data-outcome', 'reached');
    await expect(magpie.page.getByTestId('proxy-trial')).toContainText(`127.0.0.1:${proxy.port}`);

    expect(magpie.problems()).toEqual([]);
  });
}

test('the script of the system (PAC) decides, and a proxy that is gone is named', async ({
  launchMagpie,
  startServer,
  startProxy,
}) => {
  const server = await startServer();
  const { port } = new URL(server.origin);
  const proxy = await startProxy({ kind: 'http' });
  const script = `function FindProxyForURL(url, host) {
    return /\\.magpie\\.test$/.test(host) ? 'PROXY 127.0.0.1:${proxy.port}' : 'DIRECT';
  }`;
  const url = `data:application/x-ns-proxy-autoconfig;base64,${Buffer.from(script).toString('base64')}`;
  const { page } = await launchMagpie({ args: [`--proxy-pac-url=${url}`] });
  await connectTo(page, `http://chat.magpie.test:${port}`);
  await register(page, 'ann_pac');
  await expect.poll(() => proxy.seen.tunnels).toBeGreaterThanOrEqual(2);
  await proxy.stop();
  await expect(page.getByTestId('connection-status')).toContainText(
    `127.0.0.1:${proxy.port} does not answer`,
    {
      timeout: 90_000,
    },
  );
});
