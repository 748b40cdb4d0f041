/** The process of `startClamd`. */
import { clamd } from './clamd.ts';

const [, , path = ''] = process.argv;
clamd(1_000_000, () => undefined).listen(path, () => process.send?.('listening'));
