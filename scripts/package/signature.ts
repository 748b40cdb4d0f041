import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ActionableError } from '../lib/fatal.ts';

/**
 * The key that signs releases, from `MAGPIE_UPDATE_KEY` (a PEM, or the path of one); null without.
 *
 * @throws {ActionableError} when it is no Ed25519 key
 */
export function updateKey(given = process.env.MAGPIE_UPDATE_KEY): KeyObject | null {
  if (given === undefined || given === '') return null;
  const pem = existsSync(given) ? readFileSync(given, 'utf8') : given;
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below.
  }
  throw new ActionableError(
    'MAGPIE_UPDATE_KEY must be an Ed25519 private key: `openssl genpkey -algorithm ed25519`',
  );
}

/** Its public half as packages carry it: DER in base64. */
export function publicHalf(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64');
}

/** Signs every `latest*.yml` of a folder, as a file `.sig` beside it. */
export async function signMetadata(folder: string, key: KeyObject): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^latest[a-z0-9-]*\.yml$/u.test(name)) continue;
    const signature = sign(null, await readFile(join(folder, name)), key);
    await writeFile(join(folder, `${name}.sig`), `${signature.toString('base64')}\n`);
  }
}
