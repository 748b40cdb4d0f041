/**
 * Declared parameters of an endpoint, checked and coerced exactly as section 2.3 describes: looked up in path, query
 * and body (in this order of precedence), first failing field in the order of declaration answers 422 with its text.
 */
import { assertNever } from '#protocol/errors';

/** Answered with 422; the message is the text of the first failing field. */
export class ValidationFailure extends Error {
  override readonly name = 'ValidationFailure';
}

/** Open upper ends, as the original prints them. */
const LONGEST_TEXT = 10_000_000;
const LARGEST_NUMBER = 10_000_000_000_000_000;

/** People whom one message can name; for more there is `all`. */
const MOST_MENTIONS = 100;

/** More files than any kind of message has. */
const MOST_CLIENT_IDS = 20;

interface Declared {
  label: string;
  required: boolean;
}
interface TextParameter extends Declared {
  kind: 'text';
  length: readonly [number, number];
  oneOf: readonly string[] | undefined;
  fallback: string;
  /** Kept as it came: it is stored inside of JSON text only. */
  verbatim?: boolean;
}
interface IntegerParameter extends Declared {
  kind: 'integer';
  /** The upper end may depend on the time of the call. */
  range: readonly [number, number | (() => number)];
  fallback: number;
  /** Our own extension fields: may be missing, but what is there must be right. */
  strict?: true;
}
/** Our own extension field: no coercion, no silent default. */
interface ClientIdParameter extends Declared {
  kind: 'client-id';
}
/** A list of whole numbers; what is none of them is left out. */
interface ListParameter extends Declared {
  kind: 'list';
}
/** Our own extension field: missing, the word `all`, or account ids. */
interface MentionsParameter extends Declared {
  kind: 'mentions';
}
/** Our own extension field: missing, or a list of ids that clients made. */
interface ClientIdsParameter extends Declared {
  kind: 'client-ids';
}
type Parameter =
  | TextParameter
  | IntegerParameter
  | ClientIdParameter
  | ClientIdsParameter
  | ListParameter
  | MentionsParameter;

export type Declaration = Record<string, Parameter>;
export type Values<Declared extends Declaration> = {
  [Name in keyof Declared]: Declared[Name] extends IntegerParameter
    ? number
    : Declared[Name] extends ClientIdParameter
      ? string | null
      : Declared[Name] extends ClientIdsParameter
        ? string[]
        : Declared[Name] extends ListParameter
          ? number[]
          : Declared[Name] extends MentionsParameter
            ? number[] | 'all' | null
            : string;
};

export interface Sources {
  path: unknown;
  query: unknown;
  body: unknown;
}

/** A required text. `length` counts code points. */
export function text(label: string, length: readonly [number, number?] = [1]): TextParameter {
  const limits = [length[0], length[1] ?? LONGEST_TEXT] as const;
  return { kind: 'text', label, required: true, length: limits, oneOf: undefined, fallback: '' };
}

export function oneOf(label: string, values: readonly string[]): TextParameter {
  return { ...text(label), oneOf: values };
}

/** A text that may be missing; out of range it silently becomes `fallback`. */
export function optionalText(
  label: string,
  length: readonly [number, number?],
  fallback = '',
): TextParameter {
  return { ...text(label, length), required: false, fallback };
}

/** The parameter may be missing; what is there must still be right. */
export function optional(parameter: TextParameter, fallback: string): TextParameter {
  return { ...parameter, required: false, fallback };
}

/** The parameter with its text untouched, whatever characters it has. */
export function verbatim(parameter: TextParameter): TextParameter {
  return { ...parameter, verbatim: true };
}

export function integer(label: string, range: readonly [number, number?] = [1]): IntegerParameter {
  return {
    kind: 'integer',
    label,
    required: true,
    range: [range[0], range[1] ?? LARGEST_NUMBER],
    fallback: 0,
  };
}

export function optionalInteger(
  label: string,
  range: IntegerParameter['range'],
  fallback: number,
): IntegerParameter {
  return { kind: 'integer', label, required: false, range, fallback };
}

export function strictInteger(
  label: string,
  range: IntegerParameter['range'],
  fallback: number,
): IntegerParameter {
  return { ...optionalInteger(label, range, fallback), strict: true };
}

/** Extension `idempotent_send`: absent, or 1 to 64 letters, digits, `-` and `_` (a UUID fits). */
export function clientId(label: string): ClientIdParameter {
  return { kind: 'client-id', label, required: false };
}

/** Absent, or a real list of up to {@link MOST_CLIENT_IDS} such ids. */
export function clientIds(label: string): ClientIdsParameter {
  return { kind: 'client-ids', label, required: false };
}

/** A required list: a real one, JSON text, or texts with commas between them. */
export function list(label: string): ListParameter {
  return { kind: 'list', label, required: true };
}

/** Extension `mentions`: absent, `all`, or up to {@link MOST_MENTIONS} account ids. */
export function mentions(label: string): MentionsParameter {
  return { kind: 'mentions', label, required: false };
}

/** @throws {ValidationFailure} */
export function readParameters<Declared extends Declaration>(
  declaration: Declared,
  sources: Sources,
): Values<Declared> {
  const values: Record<string, unknown> = {};
  for (const [name, parameter] of Object.entries(declaration)) {
    const raw = own(sources.path, name) ?? ownValue(sources, name);
    values[name] = readOne(parameter, raw);
  }
  return values as Values<Declared>;
}

function readOne(parameter: Parameter, raw: unknown): unknown {
  switch (parameter.kind) {
    case 'text':
      return readText(parameter, raw);
    case 'integer':
      return readInteger(parameter, raw);
    case 'client-id':
      return readClientId(parameter, raw);
    case 'client-ids':
      return readClientIds(parameter, raw);
    case 'list':
      return readList(parameter, raw);
    case 'mentions':
      return readMentions(parameter, raw);
    default:
      return assertNever(parameter, 'parameter');
  }
}

function readText(parameter: TextParameter, raw: unknown): string {
  const { label, required, length, oneOf: allowed, fallback } = parameter;
  if (raw === undefined || raw === '') {
    if (!required) return fallback;
    throw new ValidationFailure(`${label}不能为空`);
  }
  const value = parameter.verbatim === true ? printed(raw) : storable(printed(raw));
  const [minimum, maximum] = length;
  const size = codePoints(value);
  if (size < minimum || size > maximum) {
    if (!required) return fallback;
    throw new ValidationFailure(`${label} 的长度 必须 在 ${minimum} 和 ${maximum} 之间`);
  }
  if (allowed !== undefined && !allowed.includes(value)) {
    const list = allowed.map((one) => `\`${one}\``).join('、');
    throw new ValidationFailure(`${label} 的值 \`${value}\` 必须在 [${list}] 中`);
  }
  return value;
}

function readInteger(parameter: IntegerParameter, raw: unknown): number {
  const { label, required, range, fallback, strict } = parameter;
  if (raw === undefined || raw === '') {
    if (!required) return fallback;
    throw new ValidationFailure(`${label}不能为空`);
  }
  const forgiving = !required && strict !== true;
  const written = printed(raw);
  const value =
    (typeof raw === 'number' || typeof raw === 'string') && /^-?\d+$/.test(written) ? +written : NaN;
  if (Number.isNaN(value)) {
    if (forgiving) return fallback;
    throw new ValidationFailure(`${label} 的值 \`${written}\` 的类型不是 \`int\``);
  }
  const [minimum, end] = range;
  const maximum = typeof end === 'number' ? end : end();
  if (value < minimum || value > maximum) {
    if (forgiving) return fallback;
    throw new ValidationFailure(
      minimum === 0
        ? `${label} 的数值 必须 大于等于 \`${minimum}\` 小于等于 \`${maximum}\``
        : `${label} 的数值 必须 在 ${minimum} 和 ${maximum} 之间`,
    );
  }
  return value;
}

/** A damaged id is refused, not dropped: silently losing it would turn a later repeat into a second message. */
function readClientId({ label }: ClientIdParameter, raw: unknown): string | null {
  if (raw === undefined || raw === null || raw === '') return null;
  if (isClientId(raw)) return raw;
  throw new ValidationFailure(
    `${label} 的值 \`${printed(raw).slice(0, 80)}\` 必须是 1 到 64 个字母、数字、\`-\` 或 \`_\``,
  );
}

function readClientIds({ label }: ClientIdsParameter, raw: unknown): string[] {
  if (raw === undefined || raw === null || raw === '') return [];
  if (Array.isArray(raw) && raw.length <= MOST_CLIENT_IDS && raw.every(isClientId)) return raw;
  throw new ValidationFailure(`${label} 的值 \`${printed(raw).slice(0, 80)}\` 的类型不是 \`array\``);
}

function isClientId(raw: unknown): raw is string {
  return typeof raw === 'string' && /^[\w-]{1,64}$/.test(raw);
}

function readList({ label }: ListParameter, raw: unknown): number[] {
  if (raw === undefined || raw === '') throw new ValidationFailure(`${label}不能为空`);
  const items = listed(raw);
  if (items === null) throw new ValidationFailure(`${label} 的值 \`${printed(raw)}\` 的类型不是 \`json\``);
  return items.map(Number).filter((item) => Number.isSafeInteger(item));
}

/** A lone text is no list. */
function listed(raw: unknown): unknown[] | null {
  if (Array.isArray(raw)) return raw;
  if (typeof raw !== 'string') return null;
  try {
    const parsed: unknown = JSON.parse(raw);
    return Array.isArray(parsed) ? parsed : null;
  } catch {
    return raw.includes(',') ? raw.split(',') : null;
  }
}

function readMentions({ label }: MentionsParameter, raw: unknown): number[] | 'all' | null {
  if (raw === undefined || raw === null || raw === '') return null;
  if (raw === 'all') return 'all';
  const isList = Array.isArray(raw) && raw.length <= MOST_MENTIONS;
  if (isList && raw.every((id) => Number.isSafeInteger(id) && id > 0)) return raw as number[];
  throw new ValidationFailure(`${label} 的值 \`${printed(raw).slice(0, 80)}\` 的类型不是 \`array\``);
}

/** Text form of any JSON value: objects and lists become JSON text, `null` the word. */
function printed(raw: unknown): string {
  if (typeof raw === 'string') return raw;
  if (typeof raw === 'object' && raw !== null) return JSON.stringify(raw);
  return String(raw);
}

/**
 * SQLite ends a text at its first NUL for readers but not for unique keys: `anna\0x` would be a second `anna`. Lone
 * surrogates have no UTF-8. Both become the replacement character, once and for all who compare.
 */
function storable(value: string): string {
  return value.replace(/[\0\p{Surrogate}]/gu, '\u{fffd}');
}

function codePoints(value: string): number {
  let count = 0;
  for (let index = 0; index < value.length; index++) {
    const unit = value.charCodeAt(index);
    const next = value.charCodeAt(index + 1);
    if (unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000) index++;
    count++;
  }
  return count;
}

function ownValue(sources: Sources, name: string): unknown {
  const fromQuery = own(sources.query, name);
  return fromQuery === undefined ? own(sources.body, name) : fromQuery;
}

/** Only own fields: a body may be called `__proto__` or `constructor`. */
function own(source: unknown, name: string): unknown {
  if (typeof source !== 'object' || source === null || !Object.hasOwn(source, name)) return undefined;
  return (source as Record<string, unknown>)[name];
}
