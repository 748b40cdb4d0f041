/**
 * What administrators may do. Every action is written to the audit log in the transaction of its effect; so are the
 * looks at what people wrote. Used by the web console and the command line alike.
 */
import { randomInt } from 'node:crypto';
import { SERVER_TEXTS } from '#protocol/wire/envelope';
import { v4 as uuid } from 'uuid';
import { DEFAULT_AVATAR } from '../files/default-images.ts';
import {
  REMOVED,
  type AccountRecord,
  type AuditEntry,
  type ComplaintRecord,
  type ComplaintStatus,
} from '../storage/records.ts';
import { DuplicateKeyError } from '../storage/storage.ts';
import type { UnitOfWork } from '../storage/storage.ts';
import type { DomainContext } from './context.ts';
import { accountRemoval } from './account-removal.ts';
import { groupLeaving } from './group-leaving.ts';
import { hashPassword } from './passwords.ts';

/** Why an action was refused. The console and the command line have a sentence for each. */
export type AdminProblem =
  | 'no-such-account'
  | 'no-such-complaint'
  | 'no-such-connection'
  | 'no-such-group'
  | 'name-taken'
  | 'bad-name'
  | 'bad-password'
  | 'guest'
  | 'last-administrator'
  | 'too-long';

export class AdminRefusal extends Error {
  override readonly name = 'AdminRefusal';
  readonly problem: AdminProblem;
  constructor(problem: AdminProblem) {
    super(problem);
    this.problem = problem;
  }
}

/** Who acts, for the audit log. */
export interface Actor {
  /** Null for the command line: whoever owns the data folder. */
  id: number | null;
  name: string;
  address: string;
}

export interface LiveConnection {
  id: number;
  accountId: number;
  address: string;
  /** Milliseconds since 1970. */
  since: number;
  /** Empty for plain clients. */
  deviceKind: string;
}

/** The sockets of a running server; a stopped one has none. */
export interface LiveConnections {
  list(): LiveConnection[];
  /** False when it is gone already. */
  close(id: number): boolean;
}

export const NO_CONNECTIONS: LiveConnections = { list: () => [], close: () => false };

export interface Page {
  /** From 0. */
  offset: number;
  limit: number;
}

/** Code points of an administrator's answer. */
const LONGEST_REPLY = 2000;
/** Easily read aloud: no letters that look like others. */
const PASSWORD_LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const PASSWORD_LENGTH = 14;

export type Administration = ReturnType<typeof administrationRules>;

export function administrationRules(
  { storage, bus, now }: Pick<DomainContext, 'storage' | 'bus' | 'now'>,
  connections: LiveConnections,
) {
  const { dissolveByAdministrator } = groupLeaving({ storage, bus, now });
  const removal = accountRemoval({ storage, bus, now });

  function logged(
    unit: UnitOfWork,
    actor: Actor,
    action: string,
    target: string,
    details: object = {},
  ): Promise<void> {
    return unit.admin.audit({
      time: now(),
      actorId: actor.id,
      actorName: actor.name,
      address: actor.address,
      action,
      target,
      details: JSON.stringify(details),
    });
  }

  async function named(unit: UnitOfWork, username: string): Promise<AccountRecord> {
    const account = await unit.accounts.byUsername(username);
    if (account === undefined || account.status === REMOVED) throw new AdminRefusal('no-such-account');
    return account;
  }

  async function keepOneAdministrator(unit: UnitOfWork, accountId: number): Promise<void> {
    const administrators = await unit.admin.administrators();
    if (administrators.length === 1 && administrators[0] === accountId) {
      throw new AdminRefusal('last-administrator');
    }
  }

  /** Sockets of the account are told why and closed. */
  function closeSockets(unit: UnitOfWork, accountId: number, text: string): void {
    unit.afterCommit(() => bus.publish({ type: 'account-refused', accountId, text }));
  }

  return {
    /** Writes down what changes nothing: signing in and out, and looks at what people wrote. */
    async note(actor: Actor, action: string, target = ''): Promise<void> {
      await storage.write((unit) => logged(unit, actor, action, target));
    },

    accounts: (query: string, page: Page) => storage.admin.accounts({ query, ...page }),

    /**
     * Makes a registered account. Without a password one is made up.
     * @returns the password that was made up, to be shown once; empty otherwise
     */
    async createAccount(
      actor: Actor,
      order: { username: string; password: string; administrator: boolean },
    ): Promise<{ id: number; password: string }> {
      const { username, administrator } = order;
      const made = order.password === '' ? newPassword() : '';
      checkUsername(username);
      const passwordHash = await hashPassword(checkedPassword(order.password, made));
      try {
        const id = await storage.write(async (unit) => {
          const account = await unit.accounts.insert({
            uuid: uuid(),
            username,
            passwordHash,
            role: 'user',
            deviceId: '',
            uniplatform: '',
            devicemodel: '',
            deviceos: '',
            devicebrand: '',
            avatar: DEFAULT_AVATAR,
            now: now(),
          });
          if (administrator) await unit.admin.setAdministrator(account.id, true);
          await logged(unit, actor, 'account.create', username, { administrator });
          return account.id;
        });
        return { id, password: made };
      } catch (error) {
        if (error instanceof DuplicateKeyError) throw new AdminRefusal('name-taken');
        throw error;
      }
    },

    /** A disabled account keeps its data; its sessions are refused with the documented sentences and its sockets close. */
    async setDisabled(actor: Actor, username: string, disabled: boolean): Promise<void> {
      await storage.write(async (unit) => {
        const { id } = await named(unit, username);
        if (disabled) await keepOneAdministrator(unit, id);
        await unit.admin.setStatus(id, disabled ? 0 : 1, now());
        if (disabled) closeSockets(unit, id, SERVER_TEXTS.socketDisabled);
        await logged(unit, actor, disabled ? 'account.disable' : 'account.enable', username);
      });
    },

    /** For good, and under a name that is free again: see `account-removal.ts` for what goes and what stays. */
    async removeAccount(actor: Actor, username: string): Promise<void> {
      await storage.write(async (unit) => {
        const account = await named(unit, username);
        await keepOneAdministrator(unit, account.id);
        await removal.remove(unit, account);
        closeSockets(unit, account.id, SERVER_TEXTS.socketDisabled);
        await logged(unit, actor, 'account.remove', username, { id: account.id });
      });
    },

    /** Signs the account out everywhere. Returns the password that was made up, empty when one was given. */
    async resetPassword(actor: Actor, username: string, password: string): Promise<string> {
      const made = password === '' ? newPassword() : '';
      const passwordHash = await hashPassword(checkedPassword(password, made));
      await storage.write(async (unit) => {
        const { id, role } = await named(unit, username);
        if (role === 'visitor') throw new AdminRefusal('guest');
        await unit.accounts.setPassword(id, passwordHash, now());
        for (const { tokenHash } of await unit.sessions.list(id)) await unit.sessions.remove(tokenHash);
        closeSockets(unit, id, SERVER_TEXTS.socketInvalidToken);
        await logged(unit, actor, 'account.reset-password', username);
      });
      return made;
    },

    async setAdministrator(actor: Actor, username: string, value: boolean): Promise<void> {
      await storage.write(async (unit) => {
        const { id, role } = await named(unit, username);
        if (role === 'visitor') throw new AdminRefusal('guest');
        if (!value) await keepOneAdministrator(unit, id);
        await unit.admin.setAdministrator(id, value);
        await logged(unit, actor, value ? 'account.grant' : 'account.revoke', username);
      });
    },

    /** Is there nobody yet who may administer? */
    async needsSetup(): Promise<boolean> {
      return (await storage.admin.administrators()).length === 0;
    },

    groups: (page: Page) => storage.admin.groups(page),

    /** Its members are told, and keep what they could read so far. */
    async dissolveGroup(actor: Actor, id: number): Promise<void> {
      await storage.write(async (unit) => {
        const name = await dissolveByAdministrator(unit, id);
        if (name === undefined) throw new AdminRefusal('no-such-group');
        await logged(unit, actor, 'group.dissolve', String(id), { name });
      });
    },

    complaints: (openOnly: boolean, page: Page) => storage.admin.complaints({ openOnly, ...page }),

    /** One complaint with its evidence. Reading it is written down. */
    async complaint(
      actor: Actor,
      id: number,
    ): Promise<{ complaint: ComplaintRecord; author: AccountRecord | undefined }> {
      return storage.write(async (unit) => {
        const complaint = await unit.complaints.byId(id);
        if (complaint === undefined) throw new AdminRefusal('no-such-complaint');
        await logged(unit, actor, 'complaint.read', String(id));
        return { complaint, author: await unit.accounts.byId(complaint.userId) };
      });
    },

    async processComplaint(
      actor: Actor,
      id: number,
      { status, reply }: { status: ComplaintStatus; reply: string },
    ): Promise<void> {
      if ([...reply].length > LONGEST_REPLY) throw new AdminRefusal('too-long');
      await storage.write(async (unit) => {
        if ((await unit.complaints.byId(id)) === undefined) throw new AdminRefusal('no-such-complaint');
        await unit.admin.processComplaint(id, status, reply, now());
        await logged(unit, actor, 'complaint.process', String(id), { status });
      });
    },

    /** Is this the address of a file of that complaint? */
    hasComplaintFile: (id: number, path: string) => storage.admin.complaintFile(id, path),

    async connections(): Promise<(LiveConnection & { username: string })[]> {
      const list = [];
      for (const connection of connections.list()) {
        const account = await storage.accounts.byId(connection.accountId);
        list.push({ ...connection, username: account?.username ?? '' });
      }
      return list;
    },

    /** Its client connects again by itself; to keep somebody out, disable the account. */
    async closeConnection(actor: Actor, id: number): Promise<void> {
      const connection = connections.list().find((one) => one.id === id);
      if (connection === undefined) throw new AdminRefusal('no-such-connection');
      await storage.write((unit) =>
        logged(unit, actor, 'connection.close', String(id), { account: connection.accountId }),
      );
      connections.close(id);
    },

    /** A release of the app is handed out from now on. */
    async updatePublished(actor: Actor, version: string, files: readonly string[]): Promise<void> {
      await storage.write((unit) => logged(unit, actor, 'update.publish', version, { files }));
    },

    counts: () => storage.admin.counts(),
    openComplaints: () => storage.admin.openComplaints(),
    fileBytes: () => storage.admin.fileBytes(),
    audit: (page: Page): Promise<AuditEntry[]> => storage.admin.auditLog(page),
  };
}

/** The same limits as when registering, so that the person can sign in. */
function checkUsername(username: string): void {
  const length = [...username].length;
  if (length < 4 || length > 20 || /[\0\p{Surrogate}]/u.test(username)) throw new AdminRefusal('bad-name');
}

function checkedPassword(given: string, made: string): string {
  if (given === '') return made;
  const length = [...given].length;
  if (length < 6 || length > 20) throw new AdminRefusal('bad-password');
  return given;
}

function newPassword(): string {
  const letters = Array.from(
    { length: PASSWORD_LENGTH },
    () => PASSWORD_LETTERS[randomInt(PASSWORD_LETTERS.length)],
  );
  return letters.join('');
}
