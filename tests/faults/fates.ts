import type { LineFate } from '../helpers/fault-proxy.ts';
import type { Chance } from './random.ts';

/** Small numbers as likely as large ones: heads, bodies and frames are all hit. */
const someBytes = (chance: Chance) => Math.floor(10 ** (chance.next() * 4));

/** Half of the lines are well; the others have one or two things wrong. */
export function randomFate(chance: Chance): LineFate {
  const fate: LineFate = {};
  if (chance.hits(0.2)) fate.cutUpAfter = someBytes(chance);
  if (chance.hits(0.2)) fate.cutDownAfter = someBytes(chance);
  if (chance.hits(0.2)) fate.delay = chance.between(1, 400);
  if (chance.hits(0.3)) fate.repeatAfter = chance.between(0, 1_000);
  if (chance.hits(0.08)) {
    fate.stallAfter = someBytes(chance);
    fate.stallFor = chance.between(1_000, 8_000);
  }
  return fate;
}
