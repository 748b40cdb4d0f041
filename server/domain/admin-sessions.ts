/** Who is signed in to the console. In memory: a restart signs administrators out. */
import { randomBytes } from 'node:crypto';
import { hashToken } from './tokens.ts';

/** Without a request, milliseconds. */
const IDLE = 30 * 60_000;
/** Whatever happens, milliseconds. */
const LONGEST = 8 * 60 * 60_000;

export interface AdminSession {
  accountId: number;
  username: string;
  /** Travels in every form: another page cannot know it. */
  formToken: string;
  begun: number;
  seen: number;
}

export class AdminSessions {
  readonly #sessions = new Map<string, AdminSession>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Returns the secret for the cookie; only its hash is kept. */
  begin(account: { id: number; username: string }): string {
    this.#forgetOld();
    const secret = randomBytes(32).toString('base64url');
    const now = this.#now();
    this.#sessions.set(hashToken(secret), {
      accountId: account.id,
      username: account.username,
      formToken: randomBytes(32).toString('base64url'),
      begun: now,
      seen: now,
    });
    return secret;
  }

  find(secret: string): AdminSession | undefined {
    this.#forgetOld();
    const session = this.#sessions.get(hashToken(secret));
    if (session !== undefined) session.seen = this.#now();
    return session;
  }

  end(secret: string): void {
    this.#sessions.delete(hashToken(secret));
  }

  #forgetOld(): void {
    const now = this.#now();
    for (const [key, { begun, seen }] of this.#sessions) {
      if (now - seen > IDLE || now - begun > LONGEST) this.#sessions.delete(key);
    }
  }
}
