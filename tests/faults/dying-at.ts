import type { DeathOfPerson } from './person-protocol.ts';

/** How long a request takes to leave. */
const ON_ITS_WAY = 4;

const die = () => process.kill(process.pid, 'SIGKILL');

/** The same part, but the process ends at the given step as by a power cut. */
export function dyingAt<Part extends object>(part: Part, death: DeathOfPerson | null): Part {
  const [moment, method = ''] = death?.split(' ') ?? [];
  const original: unknown = Reflect.get(part, method);
  if (typeof original !== 'function') return part;
  const call = original as (...input: unknown[]) => Promise<unknown>;
  const dying = async (...input: unknown[]) => {
    if (moment === 'before') die();
    if (moment === 'during') setTimeout(die, ON_ITS_WAY);
    const result = await call(...input);
    if (moment === 'after') die();
    return result;
  };
  return { ...part, [method]: dying };
}
