/** What went wrong on the way to a server, and how it gets from the depth of a stack of causes to a person. */
import { MagpieError } from '#protocol/errors';
import type { NetworkProblem } from '#protocol/model/network';

/** Answers to a request that did not come whole, or was put off: nobody has acted on it. Proxies say them, too. */
export const UNHEARD: ReadonlySet<number | undefined> = new Set([408, 425]);

/** Whether the same request may be answered otherwise after a while. */
export function mayPass(status: number): boolean {
  return UNHEARD.has(status) || status === 429 || status >= 500;
}

/** A problem as the error that everybody knows: no answer, and in the details why. */
export function problemError(problem: NetworkProblem, cause?: unknown): MagpieError {
  return new MagpieError('server-unreachable', problem.kind, { network: problem }, { cause });
}

/** The problem at the bottom of an error, if it is one of the network; libraries wrap what they are given. */
export function problemIn(thrown: unknown): NetworkProblem | null {
  for (let error: unknown = thrown, depth = 0; error instanceof Error && depth < 10; depth += 1) {
    if (error instanceof MagpieError && error.details?.network !== undefined) return error.details.network;
    error = error.cause;
  }
  return null;
}

/** `server-unreachable`, with what is the matter where that is known. */
export function unreachable(message: string, thrown: unknown): MagpieError {
  const problem = problemIn(thrown);
  const details = problem === null ? undefined : { network: problem };
  return new MagpieError('server-unreachable', message, details, { cause: thrown });
}
