import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ValidationFailure,
  clientId,
  integer,
  oneOf,
  optionalInteger,
  optionalText,
  readParameters,
  text,
  verbatim,
} from './parameters.ts';
import type { Declaration } from './parameters.ts';

function read(declaration: Declaration, body: unknown): unknown {
  try {
    return readParameters(declaration, { path: {}, query: {}, body });
  } catch (error) {
    if (error instanceof ValidationFailure) return error.message;
    throw error;
  }
}

test.each([
  [{ name: text('账号', [4, 20]) }, {}, '账号不能为空'],
  [{ name: text('账号', [4, 20]) }, { name: '😀😀😀' }, '账号 的长度 必须 在 4 和 20 之间'],
  [{ name: text('设置', [2]) }, { name: '1' }, '设置 的长度 必须 在 2 和 10000000 之间'],
  [{ name: text('账号') }, { name: { a: 1 } }, { name: '{"a":1}' }],
  [{ name: text('账号') }, { name: null }, { name: 'null' }],
  [{ name: text('账号') }, { name: 'anna\0x\ud800😀' }, { name: 'anna\u{fffd}x\u{fffd}😀' }],
  [{ data: verbatim(text('内容')) }, { data: 'a\0b' }, { data: 'a\0b' }],
  [{ id: integer('id') }, { id: '6' }, { id: 6 }],
  [{ id: integer('id') }, { id: 'x' }, 'id 的值 `x` 的类型不是 `int`'],
  [{ id: integer('id') }, { id: 1.5 }, 'id 的值 `1.5` 的类型不是 `int`'],
  [{ id: integer('id') }, { id: 0 }, 'id 的数值 必须 在 1 和 10000000000000000 之间'],
  [{ id: integer('值', [0, 10]) }, { id: 11 }, '值 的数值 必须 大于等于 `0` 小于等于 `10`'],
  [{ kind: oneOf('类型', ['a', 'b']) }, { kind: 'x' }, '类型 的值 `x` 必须在 [`a`、`b`] 中'],
  [{ note: optionalText('注', [2, 3], '-') }, { note: 'long one' }, { note: '-' }],
  [{ limit: optionalInteger('数', [1, 9], 5) }, { limit: 'x' }, { limit: 5 }],
  [{ id: clientId('id') }, { id: 'a-1' }, { id: 'a-1' }],
  [{ id: clientId('id') }, { id: null }, { id: null }],
  [{ id: clientId('id') }, { id: 'a b' }, 'id 的值 `a b` 必须是 1 到 64 个字母、数字、`-` 或 `_`'],
])('%j with %j', (declaration, body, expected) => {
  expect(read(declaration as unknown as Declaration, body)).toEqual(expected);
});

test('the path wins over the query, the query over the body', () => {
  const declaration = { one: text('1'), two: text('2') };
  const sources = { path: { one: 'p' }, query: { one: 'q', two: 'q' }, body: { one: 'b', two: 'b' } };
  expect(readParameters(declaration, sources)).toEqual({ one: 'p', two: 'q' });
});

test('whatever comes in, the outcome is values of the declared types or one sentence', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      let outcome: unknown;
      try {
        outcome = read(
          { name: text('名', [1, 5]), id: integer('数', [0, 9]) },
          JSON.parse(JSON.stringify({ name: value, id: value })),
        );
      } catch (error) {
        // Only what JSON itself cannot carry.
        expect(error).toBeInstanceOf(TypeError);
        return;
      }
      expect(['string', 'object']).toContain(typeof outcome);
    }),
  );
});
