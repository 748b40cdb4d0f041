/** argon2id through the native module's own threads: the event loop goes on meanwhile. */
import { hash, verify } from '@node-rs/argon2';

/** The module's name for argon2id is a const enum, which erasable syntax cannot read. */
const ARGON2ID = 2;
/** OWASP's second recommendation: 19 MiB, two passes, one lane. */
const OPTIONS = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hash of a password nobody has, so that unknown accounts cost the same time as known ones. */
let decoy: Promise<string> | undefined;

export function hashPassword(password: string): Promise<string> {
  return hash(password, OPTIONS);
}

/** @param stored hash of the account; empty or undefined when nobody can sign in with a password. */
export async function verifyPassword(stored: string | undefined, password: string): Promise<boolean> {
  if (stored === undefined || stored === '') {
    decoy ??= hashPassword('decoy');
    await verify(await decoy, password);
    return false;
  }
  return verify(stored, password);
}
