import { safeStorage } from 'electron';
import type { SecretBox } from '../session/secrets.ts';

/** The OS keychain as a secret box. Ask only when the app is ready: before, Linux does not know its keychain yet. */
export function createSecretBox(): SecretBox {
  const available = safeStorage.isEncryptionAvailable();
  // `basic_text` is encryption with a password that everybody knows.
  const isPublic =
    process.platform === 'linux' && available && safeStorage.getSelectedStorageBackend() === 'basic_text';
  return {
    secure: available && !isPublic,
    seal: (text) => safeStorage.encryptString(text).toString('base64'),
    unseal: (data) => safeStorage.decryptString(Buffer.from(data, 'base64')),
  };
}
