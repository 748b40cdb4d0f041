import { describe, expect, test } from 'vitest';
import { accessTo, snapshotAddress, storedAddress } from './media-addresses.ts';

const PATH = '/images/20250417/1744866732481_20f90b51544f.png';
const plain = { origin: 'https://chat.example', extensions: false, token: 'secret' };
const ours = { ...plain, extensions: true };

describe('where a file is loaded from', () => {
  test.each([
    ['of the server', `https://chat.example${PATH}`, `https://chat.example${PATH}`],
    [
      'under another name of it',
      'http://10.0.0.4:7001/public/a/b.png',
      'https://chat.example/public/a/b.png',
    ],
  ])('%s: there, with the token', (_what, address, url) => {
    for (const home of [plain, ours])
      expect(accessTo(address, home)).toEqual({ url, headers: { token: 'secret' } });
  });

  test('of an object storage: on a plain server there, without the token and by a protected line', () => {
    for (const scheme of ['http', 'https'])
      expect(accessTo(`${scheme}://bucket.example${PATH}?x=1`, plain)).toEqual({
        url: `https://bucket.example${PATH}?x=1`,
        headers: {},
        outside: true,
      });
    // On its own host, where the server is asked without protection as well.
    const near = { ...plain, origin: 'http://10.0.0.4:7001' };
    expect(accessTo(`http://10.0.0.4:9000/bucket${PATH}`, near)).toEqual({
      url: `http://10.0.0.4:9000/bucket${PATH}`,
      headers: {},
    });
    expect(accessTo(`http://chat.example:9000${PATH}`, plain)?.url).toBe(`https://chat.example:9000${PATH}`);
  });

  test('of an object storage behind a server of ours: from that, which knows who may', () => {
    expect(accessTo(`https://minio.example/bucket${PATH}?x=1`, ours)).toEqual({
      url: `https://chat.example${PATH}?x=1`,
      headers: { token: 'secret' },
    });
  });

  test.each([
    'https://elsewhere.example/a.png',
    `https://who:word@bucket.example${PATH}`,
    `ftp://bucket.example${PATH}`,
    'https://bucket.example/images/20250417/',
    'not an address',
  ])('nowhere: %s', (address) => expect(accessTo(address, plain)).toBeNull());
});

test('a picture out of a film is asked of a storage on another host, for a film as it was stored', () => {
  const film = 'https://bucket.example/images/20250417/1744866732481_20f90b51544f.mp4';
  expect(snapshotAddress(film, plain)).toBe(`${film}?x-oss-process=video/snapshot,t_20,m_fast,w_260,f_png`);
  expect(snapshotAddress(`${film}?x-oss-process=video/snapshot,t_1`, plain)).toBeNull();
  expect(snapshotAddress(film, { origin: 'https://bucket.example' })).toBeNull();
  expect(snapshotAddress('https://bucket.example/film.mp4', plain)).toBeNull();
});

test('what the storage answered goes into messages with a protected line', () => {
  expect(storedAddress(`http://bucket.example${PATH}`, plain)).toBe(`https://bucket.example${PATH}`);
  expect(storedAddress(`http://127.0.0.1:9000${PATH}`, { origin: 'http://127.0.0.1:7001' })).toBe(
    `http://127.0.0.1:9000${PATH}`,
  );
  expect(storedAddress(PATH, plain)).toBe(`https://chat.example${PATH}`);
  expect(storedAddress('javascript:alert(1)', plain)).toBeNull();
});
