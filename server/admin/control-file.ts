/** Where a running server says how the command line reaches it: a file that only the owner of the data folder can read. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const NAME = 'admin-control.json';
/** `fingerprint`: SHA-256 of the certificate, `AB:CD:…`; none for a server without TLS. */
const control = z.object({ origin: z.url(), token: z.string().min(32), fingerprint: z.string().optional() });

export type Control = z.infer<typeof control>;

export function newControlToken(): string {
  return randomBytes(32).toString('base64url');
}

export function writeControl(directory: string, content: Control): void {
  writePrivate(join(directory, NAME), JSON.stringify(content));
}

/** Undefined when no server left one, or only half of one. */
export function readControl(directory: string): Control | undefined {
  try {
    return control.safeParse(JSON.parse(readFileSync(join(directory, NAME), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

export function removeControl(directory: string): void {
  rmSync(join(directory, NAME), { force: true });
}

/** The token with which the first administrator is made; removed as soon as there is one. */
export class SetupToken {
  readonly #path: string;
  #token: string | undefined;

  constructor(directory: string) {
    this.#path = join(directory, 'setup-token');
  }

  /** Keeps the token of an earlier start, so that a note of it stays right. */
  offer(): void {
    try {
      this.#token = readFileSync(this.#path, 'utf8').trim();
    } catch {
      this.#token = undefined;
    }
    if (this.#token === undefined || this.#token.length < 32) {
      this.#token = randomBytes(24).toString('base64url');
      writePrivate(this.#path, `${this.#token}\n`);
    }
  }

  is(text: string): boolean {
    return this.#token !== undefined && sameSecret(this.#token, text.trim());
  }

  remove(): void {
    this.#token = undefined;
    rmSync(this.#path, { force: true });
  }
}

export function sameSecret(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function writePrivate(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
  // The mode above counts for new files only.
  chmodSync(path, 0o600);
}
