/** A release of the app on the server: how it comes there, and how it is handed out. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAdminCall, runAdminCall } from '../../../server/admin/command-line.ts';
import { temporaryDirectory, testServer } from './harness.ts';

interface Release {
  version: string;
  content?: Buffer;
  /** What the metadata claims, instead of what is so. */
  claim?: { sha512?: string; size?: number; url?: string };
}

function releaseFolder({ version, content = Buffer.from(`app ${version}`), claim = {} }: Release): string {
  const folder = temporaryDirectory();
  const name = `magpie-${version}.AppImage`;
  writeFileSync(join(folder, name), content);
  writeFileSync(join(folder, 'SHA256SUMS.txt'), 'not part of a feed');
  const sha512 = claim.sha512 ?? createHash('sha512').update(content).digest('base64');
  writeFileSync(
    join(folder, 'latest-linux.yml'),
    [
      `version: ${version}`,
      'files:',
      `  - url: ${claim.url ?? name}`,
      `    sha512: ${sha512}`,
      `    size: ${claim.size ?? content.length}`,
    ].join('\n'),
  );
  return folder;
}

async function publish(folder: string, data: string) {
  return runAdminCall(parseAdminCall(['publish-update', folder, '--data', data], {}));
}

async function offered(origin: string): Promise<boolean> {
  const answer = (await (await fetch(`${origin}/api/capabilities`)).json()) as {
    data: { extensions: Record<string, unknown> };
  };
  return Object.hasOwn(answer.data.extensions, 'updates');
}

test('a release is offered once it is there, whole or in ranges, and the next one takes its place', async () => {
  const server = await testServer();
  expect(await offered(server.origin)).toBe(false);
  const content = Buffer.alloc(100_000, 'abcdefg');
  expect(await publish(releaseFolder({ version: '1.0.0', content }), server.directory)).toEqual({
    ok: true,
    result: { version: '1.0.0', files: ['magpie-1.0.0.AppImage'] },
  });
  expect(await offered(server.origin)).toBe(true);

  const metadata = await fetch(`${server.origin}/updates/latest-linux.yml`);
  expect(metadata.headers.get('cache-control')).toBe('no-cache');
  expect(await metadata.text()).toContain('version: 1.0.0');
  const address = `${server.origin}/updates/magpie-1.0.0.AppImage`;
  const part = await fetch(address, { headers: { range: 'bytes=70-139' } });
  expect(part.status).toBe(206);
  expect(part.headers.get('content-range')).toBe('bytes 70-139/100000');
  expect(Buffer.from(await part.arrayBuffer())).toEqual(content.subarray(70, 140));
  expect(Buffer.from(await (await fetch(address)).arrayBuffer()).equals(content)).toBe(true);

  await publish(releaseFolder({ version: '1.1.0' }), server.directory);
  expect((await fetch(address)).status).toBe(404);
  expect(readdirSync(join(server.directory, 'updates')).sort()).toEqual([
    'latest-linux.yml',
    'magpie-1.1.0.AppImage',
  ]);
  const audit = await runAdminCall(parseAdminCall(['audit', '--data', server.directory], {}));
  expect(audit).toMatchObject({
    ok: true,
    result: [
      { action: 'update.publish', target: '1.1.0', actorName: 'command line' },
      { action: 'update.publish', target: '1.0.0' },
    ],
  });
});

test('nothing is published that an app would refuse', async () => {
  const server = await testServer();
  await publish(releaseFolder({ version: '1.0.0' }), server.directory);
  const refused: [Release, RegExp][] = [
    [
      { version: '1.1.0', claim: { sha512: createHash('sha512').update('other').digest('base64') } },
      /SHA-512/,
    ],
    [{ version: '1.1.0', claim: { size: 5 } }, /has 9 bytes and should have 5/],
    [{ version: '1.1.0', claim: { url: 'elsewhere.AppImage' } }, /is missing/],
    [{ version: '1.1.0', claim: { url: '../magpie-1.1.0.AppImage' } }, /not the name of a file/],
    [{ version: '1.1.0', claim: { url: 'https://evil.example/magpie.AppImage' } }, /not the name of a file/],
  ];
  for (const [release, problem] of refused)
    expect(await publish(releaseFolder(release), server.directory)).toEqual({
      ok: false,
      problem: expect.stringMatching(problem) as string,
    });
  const empty = releaseFolder({ version: '1.1.0' });
  rmSync(join(empty, 'latest-linux.yml'));
  expect(await publish(empty, server.directory)).toMatchObject({ ok: false });
  const two = releaseFolder({ version: '1.1.0' });
  writeFileSync(
    join(two, 'latest.yml'),
    'version: 1.2.0\nfiles:\n  - url: magpie-1.1.0.AppImage\n    sha512: ' +
      createHash('sha512').update('app 1.1.0').digest('base64'),
  );
  expect(await publish(two, server.directory)).toMatchObject({
    ok: false,
    problem: expect.stringMatching(/one release/) as string,
  });
  expect(readdirSync(join(server.directory, 'updates')).sort()).toEqual([
    'latest-linux.yml',
    'magpie-1.0.0.AppImage',
  ]);
});

test('nothing but the release can be read there', async () => {
  const server = await testServer();
  mkdirSync(join(server.directory, 'updates'), { recursive: true });
  writeFileSync(join(server.directory, 'updates', '.hidden'), 'x');
  for (const path of [
    '/updates/',
    '/updates/.hidden',
    '/updates/..%2fmagpie.db',
    '/updates/%2e%2e/token-secret',
  ]) {
    const answer = await fetch(server.origin + path);
    expect(answer.status, path).toBeGreaterThanOrEqual(400);
  }
});
