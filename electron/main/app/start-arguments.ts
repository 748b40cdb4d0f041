/** Runs without the graphics card. */
export const SAFE_MODE = '--safe-mode';

/** Meant for one start only: what was asked for then is done. */
const ONCE = /^(--hidden|--open-chat=.*|magpie:\/\/.*)$/iu;

/** Arguments with which the app starts anew in safe mode. */
export function safeArguments(argv: readonly string[]): string[] {
  return [...argv.filter((argument) => !ONCE.test(argument) && argument !== SAFE_MODE), SAFE_MODE];
}
