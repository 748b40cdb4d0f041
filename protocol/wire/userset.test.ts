import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseUserset, writeUserset } from './userset.ts';

const limit = fc.constantFrom('none' as const, 'one' as const, 'any' as const);

describe('userset', () => {
  it('is read back as it was written, whatever stood there before', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), limit, limit, (before, strangers, guests) => {
        expect(parseUserset(writeUserset(before, { strangers, guests }))).toEqual({ strangers, guests });
      }),
    );
  });
  it('keeps what other clients stored in it', () => {
    const text = writeUserset('{"other":{"kept":[1]},"chatset":{}}', { strangers: 'any', guests: 'none' });
    expect(JSON.parse(text)).toEqual({
      other: { kept: [1] },
      chatset: { visitor: { sendCount: 0, needFollow: false }, user: { sendCount: 2, needFollow: false } },
    });
  });
  it('reads the default from anything else, and no limit from the early numbers', () => {
    for (const text of ['', '{}', 'no json', '{"chatset":null}', '{"chatset":{"user":{"sendCount":7}}}'])
      expect(parseUserset(text)).toEqual({ strangers: 'one', guests: 'one' });
    expect(parseUserset('{"chatset":{"visitor":0,"user":0}}')).toEqual({ strangers: 'any', guests: 'any' });
  });
});
