/**
 * A problem that the person at the terminal can solve. It is shown as one line, without a stack trace, because the
 * message already says what to do.
 */
export class ActionableError extends Error {
  override name = 'ActionableError';
}

/**
 * Runs a command-line script to its end and sets the exit code it returns.
 *
 * An {@link ActionableError} becomes one line on stderr; anything else keeps its stack, since it is a fault of ours.
 */
export async function runScript(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof ActionableError ? `magpie: ${error.message}` : error);
    process.exitCode = 1;
  }
}
