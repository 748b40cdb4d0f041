import type { StoredSecret } from '../settings/stored-data.ts';

/** The part of Electron's safeStorage that we use; handed in so that this room stays plain Node. */
export interface SecretBox {
  /** False where the OS keeps no secrets (no keychain, or one with a public password). */
  readonly secure: boolean;
  seal(text: string): string;
  /** Throws when the keychain is locked or the secret is another machine's. */
  unseal(data: string): string;
}

export function sealSecret(box: SecretBox, text: string): StoredSecret {
  return box.secure
    ? { sealed: true, data: box.seal(text) }
    : { sealed: false, data: Buffer.from(text, 'utf8').toString('base64') };
}

/** Null when it cannot be opened (any more). */
export function openSecret(box: SecretBox, secret: StoredSecret): string | null {
  if (!secret.sealed) return Buffer.from(secret.data, 'base64').toString('utf8');
  try {
    return box.unseal(secret.data);
  } catch {
    return null;
  }
}

/** Without a keychain: secrets are protected by the permissions of the settings file only. */
export const plainSecretBox: SecretBox = {
  secure: false,
  seal: (text) => text,
  unseal: (data) => data,
};
