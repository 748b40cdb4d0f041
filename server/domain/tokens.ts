/** Tokens (section 3.2): HS256, and in the payload nothing but id, role, time and a random part (quirk Q3). */
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { SignJWT, errors, jwtVerify } from 'jose';
import { v4 as uuid } from 'uuid';
import type { Role } from '../storage/records.ts';

export interface TokenClaims {
  id: number;
  role: Role;
}

export interface TokenSigner {
  sign(claims: TokenClaims): Promise<string>;
  /** Null for a malformed or forged token; `expired` only for well-signed ones, which we never issue. */
  verify(token: string): Promise<TokenClaims | 'expired' | null>;
}

const SECRET_BYTES = 32;

/** Reads the signing secret of a data folder, or makes it on first start (readable by the owner only). */
export function loadSecret(dataDirectory: string): Uint8Array {
  const path = join(dataDirectory, 'token-secret');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    text = randomBytes(SECRET_BYTES).toString('hex');
    writeWhole(path, text);
  }
  // A restored backup may have lost the mode.
  chmodSync(path, 0o600);
  const secret = Buffer.from(text.trim(), 'hex');
  if (secret.length < SECRET_BYTES) {
    throw new Error(`${path} does not hold a signing secret; restore it, or delete it to sign everybody out`);
  }
  return secret;
}

/** The file is there with all of its text or not at all: half a secret would keep every later start away. */
function writeWhole(path: string, text: string): void {
  const draft = `${path}.new`;
  const file = openSync(draft, 'w', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
}

export function tokenSigner(secret: Uint8Array, now: () => number): TokenSigner {
  return {
    sign(claims) {
      return new SignJWT({ id: claims.id, role: claims.role })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuedAt(Math.floor(now() / 1000))
        .setJti(uuid())
        .sign(secret);
    },
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, secret, {
          algorithms: ['HS256'],
          currentDate: new Date(now()),
        });
        const { id, role } = payload;
        if (typeof id !== 'number' || !Number.isSafeInteger(id)) return null;
        return { id, role: role === 'visitor' ? 'visitor' : 'user' };
      } catch (error) {
        return error instanceof errors.JWTExpired ? 'expired' : null;
      }
    },
  };
}

/** What is stored of a token: whoever reads the database cannot use it to sign in. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
