/**
 * Text to be signed for the guest endpoints: `X-Security-Sign` is the lower-case hex SHA-256 of it. The hash itself is
 * left to the caller, because this room may not import Node.
 */
export function guestSignatureBase(input: { deviceId: string; timestamp: number; salt: string }): string {
  const { deviceId, timestamp, salt } = input;
  return `deviceId=${deviceId}&salt=${salt}&timestamp=${timestamp}APP_SECRET`;
}

/** Salt of a server that nobody configured otherwise. It only keeps stray clients out; it is not a secret. */
export const DEFAULT_GUEST_SALT = 'magpie-guest';
export const GUEST_SIGNATURE_HEADER = 'x-security-sign';
