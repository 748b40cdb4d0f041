/** Pages on this computer, which the guard is told to take for public ones; everything else about it is real. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createLinkPreviews } from '../../../electron/main/links/link-previews.ts';
import type { NetworkOptions } from '../../../electron/main/network/open-network.ts';
import { isPublicAddress } from '../../../electron/main/network/public-addresses.ts';
import { systemClock, type Clock } from '../../../electron/main/support/clock.ts';
import { createFakeClock } from '../../../electron/main/support/fake-clock.ts';
import { silentLogger } from '../../../electron/main/support/logger.ts';
import { settingsOver } from '../../../electron/main/settings/settings.ts';
import { makeCertificate, type Certificate } from '../../helpers/certificates.ts';
import { png } from '../../helpers/files/samples.ts';
import { startProxy } from '../../helpers/proxy-process.ts';
import { authoritiesOf, testNetwork } from '../../helpers/test-network.ts';
import { startTlsFront } from '../../helpers/tls-front.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** A server of pages, and the paths that it was asked for. */
async function serve(
  answer: RequestListener,
  host = OUTSIDE,
  wanted = 0,
): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(wanted, host, resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, asked };
}
const html =
  (page: string, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(page);

/** The test's own book of names: each look at one gives the next line of it, and the last one again and again. */
function book(names: Record<string, string[][]>): LookupFunction {
  return (name, _options, done) => {
    const lines = names[name] ?? [];
    const found = lines.length > 1 ? lines.shift() : lines[0];
    if (found === undefined) done(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), []);
    else
      done(
        null,
        found.map((address) => ({ address, family: 4 })),
      );
  };
}

/** The address that stands for the public network, and one that does not. */
const OUTSIDE = '127.0.0.1';
const INSIDE = '127.0.0.2';

function lookingAt(change: Partial<NetworkOptions> = {}, clock: Pick<Clock, 'after'> = systemClock) {
  const network = testNetwork({
    lookup: book({
      'page.test': [[OUTSIDE]],
      'inside.test': [[INSIDE]],
      'both.test': [[OUTSIDE, INSIDE]],
      'turning.test': [[OUTSIDE], [INSIDE]],
    }),
    isPublic: (address) => address === OUTSIDE,
    ...change,
  });
  return createLinkPreviews({
    ...{ network: network.outside, clock, logger: silentLogger, wanted: () => true },
  });
}

describe('what a page says of itself', () => {
  it('comes with its picture, through redirects, packed and in the encoding of its country', async () => {
    const picture = png(40, 20, [10, 120, 60]);
    // 喜鹊 in GBK; the page itself says so, its server does not.
    const page = Buffer.concat([
      Buffer.from('<meta charset="gbk"><meta property="og:image" content="/nest.png"><title>'),
      Buffer.from([0xcf, 0xb2, 0xc8, 0xb5]),
      Buffer.from('</title><meta name="description" content="A bird"></head>'),
    ]);
    const { port, asked } = await serve((request, response) => {
      if (request.url === '/start') response.writeHead(302, { location: '/page' }).end();
      else if (request.url === '/nest.png')
        response.writeHead(200, { 'content-type': 'image/png' }).end(picture);
      else
        response
          .writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' })
          .end(gzipSync(page));
    });
    const seen = await lookingAt().look(`http://page.test:${port}/start`);
    expect(seen).toMatchObject({ title: '喜鹊', description: 'A bird', site: '' });
    expect(seen?.picture?.mime).toBe('image/png');
    expect(picture.equals(seen?.picture?.bytes ?? new Uint8Array())).toBe(true);
    expect(asked).toEqual(['/start', '/page', '/nest.png']);
  });

  it('is nothing where the person wants no previews', async () => {
    const { port, asked } = await serve(html('<title>Page</title>'));
    const { outside } = testNetwork({ isPublic: () => true });
    const off = createLinkPreviews({
      ...{ network: outside, clock: systemClock, logger: silentLogger, wanted: () => false },
    });
    expect(await off.look(`http://127.0.0.1:${port}/`)).toBeNull();
    expect(asked).toEqual([]);
  });

  it('is nothing where there is no page: another type, no title, an error, redirects without an end', async () => {
    const { port } = await serve((request, response) => {
      if (request.url === '/json') response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      else if (request.url === '/bare') html('<p>no title</p>')(request, response);
      else if (request.url === '/gone')
        response.writeHead(404, { 'content-type': 'text/html' }).end('<title>404');
      else response.writeHead(302, { location: `${request.url}x` }).end();
    });
    for (const path of ['/json', '/bare', '/gone', '/round'])
      expect(await lookingAt().look(`http://page.test:${port}${path}`), path).toBeNull();
  });
});

describe('where a preview may lead', () => {
  it('by its own rule never to this computer or its network, whatever the link looks like', async () => {
    const { port, asked } = await serve(html('<title>Router</title>'));
    const links = lookingAt({ isPublic: isPublicAddress });
    const hosts = [
      '127.0.0.1',
      'localhost',
      'page.test',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '2130706433',
      '0x7f.1',
      '0',
    ];
    for (const host of hosts) expect(await links.look(`http://${host}:${port}/`), host).toBeNull();
    expect(asked).toEqual([]);
  });

  it('neither by a redirect nor for a picture, and not if one of several addresses is inside', async () => {
    const inside = await serve(html('<title>Inside</title>'), INSIDE);
    const { port } = await serve((request, response) => {
      if (request.url === '/page')
        html(
          `<title>Page</title><meta property="og:image" content="http://inside.test:${inside.port}/a.png">`,
        )(request, response);
      else response.writeHead(307, { location: `http:/${request.url}:${inside.port}/` }).end();
    });
    for (const target of ['inside.test', INSIDE, 'both.test'])
      expect(await lookingAt().look(`http://page.test:${port}/${target}`), target).toBeNull();
    expect(await lookingAt().look(`http://both.test:${inside.port}/`)).toBeNull();
    const seen = await lookingAt().look(`http://page.test:${port}/page`);
    expect(seen).toMatchObject({ title: 'Page', picture: null });
    expect(inside.asked).toEqual([]);
  });

  it('to the address that was admitted, not to what the name means a moment later', async () => {
    const outside = await serve(html('<title>Outside</title>'));
    const inside = await serve(html('<title>Inside</title>'), INSIDE, outside.port);
    const links = lookingAt();
    expect(await links.look(`http://turning.test:${outside.port}/`)).toMatchObject({ title: 'Outside' });
    expect(inside.asked).toEqual([]);
  });

  it('also behind a proxy: what is inside is not asked for there either', async () => {
    const proxy = await startProxy({ kind: 'http' });
    cleanups.push(() => proxy.stop());
    const { port, asked } = await serve(html('<title>Page</title>'));
    const inside = await serve(html('<title>Inside</title>'), INSIDE);
    const links = lookingAt({ systemProxy: () => Promise.resolve(`PROXY 127.0.0.1:${proxy.port}`) });
    expect(await links.look(`http://inside.test:${inside.port}/`)).toBeNull();
    expect(proxy.seen.tunnels).toBe(0);
    expect(await links.look(`http://page.test:${port}/`)).toMatchObject({ title: 'Page' });
    await expect.poll(() => proxy.seen.tunnels).toBe(1);
    expect([asked, inside.asked]).toEqual([['/'], []]);
  });

  it('to those for whom an authority vouches; who is not believed leaves no trace in the settings', async () => {
    const { port, asked } = await serve((request, response) => {
      if (request.url === '/down') response.writeHead(302, { location: `http://page.test:${port}/` }).end();
      else html('<title>Safe</title>')(request, response);
    });
    const authority = await makeCertificate({ name: 'Authority', isAuthority: true });
    const front = async (certificate: Certificate) => {
      const started = await startTlsFront(certificate, () => port);
      cleanups.push(() => started.stop());
      return started.port;
    };
    const good = await front(await makeCertificate({ hosts: ['page.test'], authority }));
    const unknown = await front(await makeCertificate({ hosts: ['page.test'] }));
    const settings = settingsOver();
    const before = structuredClone(settings.read());
    const links = lookingAt({ settings, authorities: authoritiesOf([authority.cert]) });
    expect(await links.look(`https://page.test:${unknown}/`)).toBeNull();
    expect(await links.look(`https://page.test:${good}/`)).toMatchObject({ title: 'Safe' });
    // From a protected line into the open.
    expect(await links.look(`https://page.test:${good}/down`)).toBeNull();
    expect(asked).toEqual(['/', '/down']);
    expect(settings.read()).toEqual(before);
  });
});

describe('how much a page gets', () => {
  it('no more than the beginning of what never ends', async () => {
    let cut = false;
    const { port } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.on('close', () => (cut = true));
      const more = () => {
        while (!response.destroyed && response.write(`<!-- ${'x'.repeat(60_000)} -->`));
      };
      response.on('drain', more);
      response.write('<title>Endless</title>');
      more();
    });
    expect(await lookingAt().look(`http://page.test:${port}/`)).toMatchObject({ title: 'Endless' });
    await expect.poll(() => cut).toBe(true);
  });

  it('no picture beyond the limit, and none that is not one', async () => {
    const { port } = await serve((request, response) => {
      if (request.url === '/large')
        response.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.alloc(5_000_000));
      else if (request.url === '/drawing')
        response
          .writeHead(200, { 'content-type': 'image/svg+xml' })
          .end('<svg xmlns="http://www.w3.org/2000/svg"/>');
      else
        html(`<title>Page</title><meta property="og:image" content="${request.url?.slice(1)}">`)(
          request,
          response,
        );
    });
    for (const name of ['//large', '//drawing', '/http://[', '/javascript:alert(1)'])
      expect(await lookingAt().look(`http://page.test:${port}${name}`), name).toMatchObject({
        picture: null,
      });
  });

  it('no more time than a person would wait', async () => {
    const clock = createFakeClock();
    const { port, asked } = await serve(() => undefined);
    const looking = lookingAt({}, clock).look(`http://page.test:${port}/`);
    await expect.poll(() => asked.length).toBe(1);
    clock.advance(8_000);
    expect(await looking).toBeNull();
  });
});
