import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the packager put into the app's package.json. */
export interface ReleaseOrigin {
  /** Public half of the key that signs our releases (Ed25519, DER as base64); null in apps that were built without one. */
  key: string | null;
  /** Where releases are when the chosen server has none; null for nowhere. */
  feed: string | null;
}

export function releaseOrigin(appFolder: string): ReleaseOrigin {
  let magpie: Record<string, unknown> = {};
  try {
    const parsed = JSON.parse(readFileSync(join(appFolder, 'package.json'), 'utf8')) as {
      magpie?: Record<string, unknown>;
    };
    magpie = parsed.magpie ?? {};
  } catch {
    // Then there is none.
  }
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
  return { key: text(magpie['updateKey']), feed: text(magpie['updateUrl']) };
}

/** Whether `signature` (base64) was made over exactly these bytes with the private half of the key. */
export function isSignedBy(key: string, text: string, signature: string): boolean {
  try {
    const publicKey = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' });
    return verify(null, Buffer.from(text, 'utf8'), publicKey, Buffer.from(signature.trim(), 'base64'));
  } catch {
    return false;
  }
}
