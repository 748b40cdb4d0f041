import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigError, SETTINGS, defaultConfig, loadConfig, usage } from './config.ts';

test('flags win over the environment, which wins over defaults', () => {
  expect(loadConfig([], {}).port).toBe(7001);
  expect(loadConfig([], { MAGPIE_PORT: '8001' }).port).toBe(8001);
  expect(
    loadConfig(['--port', '9001', '--trust-proxy', '--host=0.0.0.0'], { MAGPIE_PORT: '8001' }),
  ).toMatchObject({
    port: 9001,
    trustProxy: true,
    host: '0.0.0.0',
  });
});

test.each([
  [['--port', 'x'], {}, '--port must be a whole number from 0 to 65535, not "x"'],
  [[], { MAGPIE_PORT: '70000' }, 'MAGPIE_PORT must be a whole number from 0 to 65535, not "70000"'],
  [['--nonsense'], {}, 'unknown argument "--nonsense"; --help lists them all'],
  [['--port'], {}, '--port needs a value'],
  [['--trust-proxy=maybe'], {}, '--trust-proxy must be true or false, not "maybe"'],
  [
    ['--log-level=loud'],
    {},
    '--log-level must be one of trace, debug, info, warn, error, fatal, silent, not "loud"',
  ],
  ...[['--storage=both'], ['--storage=s3', '--s3-public=https://files.example.com']].map(
    (others): [string[], NodeJS.ProcessEnv, string] => [
      [...others, '--s3-prefix=images/a/'],
      {},
      '--s3-prefix must not begin with images/, where files for everybody lie, not "images/a/"',
    ],
  ),
])('%j %j is refused with one line', (argv, environment, text) => {
  expect(() => loadConfig(argv, environment)).toThrow(new ConfigError(text));
});

test('a web address is kept without what hangs behind it, and nothing else is one', () => {
  const given = (address: string) => loadConfig(['--s3-public', address], {}).s3Public;
  expect(given('off')).toBe('off');
  expect(given('https://files.example.com/magpie//')).toBe('https://files.example.com/magpie');
  for (const address of [
    'files.example.com',
    'ftp://a.example',
    'https://a.example/?x=1',
    'https://me:word@a.example',
  ])
    expect(() => given(address), address).toThrow(ConfigError);
});

test('every setting is a field of the configuration and is documented with its default', () => {
  const page = readFileSync(join(import.meta.dirname, '../docs/operations.md'), 'utf8');
  expect(Object.keys(defaultConfig()).sort()).toEqual(SETTINGS.map(({ key }) => key).sort());
  for (const { flag, environment, fallback, help } of SETTINGS) {
    expect(help).not.toBe('');
    expect(usage()).toMatch(new RegExp(`--${flag}\\b.*\\n .*\\(${environment}; default ${fallback}\\)`));
    expect(page).toContain(`| \`--${flag}\` | \`${environment}\` | \`${fallback}\` |`);
  }
});
