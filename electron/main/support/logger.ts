/**
 * Logging with module names. Fields hold ids, counts and codes only: message text, names and tokens never come here.
 */
export type LogFields = Record<string, string | number | boolean | null | undefined>;

export interface Logger {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, thrown: unknown, fields?: LogFields): void;
  /** The same sink under another module name. */
  module(name: string): Logger;
}

export type LogSink = (line: string) => void;

export function createLogger(sink: LogSink, moduleName: string, now: () => Date = () => new Date()): Logger {
  const write = (level: string, event: string, fields: LogFields | undefined, tail = '') => {
    const pairs = Object.entries(fields ?? {})
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
      .join('');
    sink(`${now().toISOString()} ${level} [${moduleName}] ${event}${pairs}${tail}\n`);
  };
  return {
    info: (event, fields) => write('info ', event, fields),
    warn: (event, fields) => write('warn ', event, fields),
    error: (event, thrown, fields) => write('error', event, fields, ` ${describe(thrown)}`),
    module: (name) => createLogger(sink, name, now),
  };
}

/** For tests and for parts that nobody gave a logger. */
export const silentLogger: Logger = createLogger(() => undefined, 'silent');

function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const code = 'code' in thrown ? ` (${String(thrown.code)})` : '';
  const cause = thrown.cause === undefined ? '' : ` <- ${describe(thrown.cause)}`;
  return `${thrown.stack ?? thrown.message}${code}${cause}`;
}
