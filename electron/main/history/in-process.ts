import { HISTORY_METHODS, type History, type HistoryMethods } from './history.ts';

/** The engine without a thread, behind the same promises: for tests and benchmarks. */
export function inProcessHistory(engine: HistoryMethods, close: () => void = () => undefined): History {
  const methods = Object.fromEntries(
    HISTORY_METHODS.map((name) => [
      name,
      async (...input: unknown[]) => (engine[name] as (...input: unknown[]) => unknown)(...input),
    ]),
  ) as unknown as Omit<History, 'close'>;
  return {
    ...methods,
    async close() {
      close();
    },
  };
}
