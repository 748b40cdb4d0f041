/**
 * The web console at `/admin`: plain pages and forms. Its session is a cookie of its own that no other site can use
 * (`SameSite=Strict`, `HttpOnly`, only below `/admin`); forms that change something carry a token besides.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AdminRefusal } from '../../domain/administration.ts';
import type { Actor, Administration } from '../../domain/administration.ts';
import type { AdminSession, AdminSessions } from '../../domain/admin-sessions.ts';
import type { Domain } from '../../domain/domain.ts';
import { Refusal } from '../../domain/refusal.ts';
import { CONTENT_SECURITY_POLICY, addressOf, page } from './layout.ts';
import type { PageOptions, Section } from './layout.ts';
import type { Html } from './html.ts';
import * as pages from './pages.ts';
import { problemText, wordsIn } from './texts.ts';
import type { Language, TextKey, Words } from './texts.ts';

const COOKIE = 'magpie_admin';
const LANGUAGE_COOKIE = 'magpie_admin_language';
const ROWS = 50;

export interface ConsoleOptions {
  domain: Domain;
  administration: Administration;
  sessions: AdminSessions;
  setup: { isToken(text: string): boolean; used(): void };
  storageUse(): Promise<pages.StorageUse>;
  addressOf(request: FastifyRequest): string;
  trustProxy: boolean;
}

/** What a page or an action gets. */
interface Visit {
  request: FastifyRequest;
  reply: FastifyReply;
  session: AdminSession;
  actor: Actor;
  language: Language;
  t: Words;
  /** Field of the form or the query; empty when absent. */
  field(name: string): string;
  /** Page of a long list. */
  page: { offset: number; limit: number };
}

type Show = (visit: Visit) => Promise<{ heading: TextKey; content: Html }>;

export function registerConsole(app: FastifyInstance, options: ConsoleOptions): void {
  const { domain, administration, sessions, setup } = options;

  function send(reply: FastifyReply, status: number, shown: PageOptions): FastifyReply {
    return dressed(reply).code(status).type('text/html; charset=utf-8').send(page(shown));
  }

  async function sessionOf(request: FastifyRequest): Promise<AdminSession | undefined> {
    const secret = cookie(request, COOKIE);
    const session = secret === undefined ? undefined : sessions.find(secret);
    if (session === undefined || secret === undefined) return undefined;
    // Rights may be gone since.
    if (await domain.accounts.isAdministrator(session.accountId)) return session;
    sessions.end(secret);
    return undefined;
  }

  function visitOf(request: FastifyRequest, reply: FastifyReply, session: AdminSession): Visit {
    const language = languageOf(request, reply);
    const field = (name: string): string => fieldOf(request, name);
    const number = Math.max(0, Math.min(1_000_000, Math.trunc(Number(field('page'))) || 0));
    return {
      request,
      reply,
      session,
      actor: { id: session.accountId, name: session.username, address: options.addressOf(request) },
      language,
      t: wordsIn(language),
      field,
      page: { offset: number * ROWS, limit: ROWS },
    };
  }

  async function show(visit: Visit, section: Section, run: Show, problem?: string): Promise<FastifyReply> {
    const { reply, language, t, session } = visit;
    const shown = { ...(await run(visit)), language, t, session: { ...session, section } };
    return send(reply, problem === undefined ? 200 : 400, {
      ...shown,
      ...(problem === undefined ? {} : { problem }),
    });
  }

  function showing(url: string, section: Section, run: Show): void {
    app.get(url, async (request, reply) => {
      const session = await sessionOf(request);
      if (session === undefined) return dressed(reply).redirect('/admin/sign-in', 303);
      const visit = visitOf(request, reply, session);
      try {
        return await show(visit, section, run);
      } catch (error) {
        return refused(visit, error, section, pages.back(visit.t, section));
      }
    });
  }

  /** @param run does it; returns what to show, or nothing to go back to the list */
  function doing(
    url: string,
    section: Section,
    run: (visit: Visit) => Promise<{ heading: TextKey; content: Html } | undefined>,
  ): void {
    app.post(url, async (request, reply) => {
      const session = await sessionOf(request);
      if (session === undefined) return dressed(reply).redirect('/admin/sign-in', 303);
      const visit = visitOf(request, reply, session);
      const content = pages.back(visit.t, section);
      if (!isFromHere(request) || visit.field('form_token') !== session.formToken) {
        const shown = { heading: section, content, session: { ...session, section } };
        return send(reply, 403, {
          ...shown,
          language: visit.language,
          t: visit.t,
          problem: visit.t('expired'),
        });
      }
      try {
        const result = await run(visit);
        if (result === undefined) return await dressed(reply).redirect(addressOf(section), 303);
        return await show(visit, section, () => Promise.resolve(result));
      } catch (error) {
        return refused(visit, error, section, content);
      }
    });
  }

  function refused(visit: Visit, error: unknown, section: Section, content: Html): FastifyReply {
    if (!(error instanceof AdminRefusal)) throw error;
    const { reply, language, t, session } = visit;
    const problem = problemText(language, error.problem);
    return send(reply, 400, {
      language,
      t,
      heading: section,
      content,
      problem,
      session: { ...session, section },
    });
  }

  function signedIn(
    request: FastifyRequest,
    reply: FastifyReply,
    account: { id: number; username: string },
  ): FastifyReply {
    const isSecure =
      request.protocol === 'https' ||
      (options.trustProxy && request.headers['x-forwarded-proto'] === 'https');
    const secret = sessions.begin(account);
    const cookieText = `${COOKIE}=${secret}; Path=/admin; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
    return dressed(reply).header('set-cookie', cookieText).redirect('/admin', 303);
  }

  function entrance(kind: 'sign-in' | 'set-up') {
    return (request: FastifyRequest, reply: FastifyReply, problem?: TextKey): FastifyReply => {
      const language = languageOf(request, reply);
      const t = wordsIn(language);
      const content = kind === 'sign-in' ? pages.signIn(t) : pages.setUp(t);
      const heading = kind === 'sign-in' ? 'signIn' : 'setup';
      return send(reply, problem === undefined ? 200 : 403, {
        language,
        t,
        heading,
        content,
        ...(problem === undefined ? {} : { problem: t(problem) }),
      });
    };
  }
  const signInPage = entrance('sign-in');
  const setUpPage = entrance('set-up');

  app.get('/admin/sign-in', async (request, reply) =>
    (await administration.needsSetup())
      ? dressed(reply).redirect('/admin/set-up', 303)
      : signInPage(request, reply),
  );
  app.post('/admin/sign-in', async (request, reply) => {
    if (!isFromHere(request)) return signInPage(request, reply, 'expired');
    const [username, password] = [fieldOf(request, 'username'), fieldOf(request, 'password')];
    const address = options.addressOf(request);
    try {
      const account = await domain.accounts.verify({ username, password, address });
      if (await domain.accounts.isAdministrator(account.id)) {
        await administration.note({ id: account.id, name: account.username, address }, 'sign-in');
        return signedIn(request, reply, account);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.status === 429) return signInPage(request, reply, 'slowDown');
    }
    await administration.note({ id: null, name: username.slice(0, 50), address }, 'sign-in.refused');
    return signInPage(request, reply, 'wrong');
  });
  app.get('/admin/set-up', async (request, reply) =>
    (await administration.needsSetup())
      ? setUpPage(request, reply)
      : dressed(reply).redirect('/admin/sign-in', 303),
  );
  app.post('/admin/set-up', async (request, reply) => {
    if (!(await administration.needsSetup())) return dressed(reply).redirect('/admin/sign-in', 303);
    if (!isFromHere(request)) return setUpPage(request, reply, 'expired');
    const [username, password] = [fieldOf(request, 'username'), fieldOf(request, 'password')];
    const address = options.addressOf(request);
    if (!setup.isToken(fieldOf(request, 'token'))) {
      await administration.note({ id: null, name: username.slice(0, 50), address }, 'set-up.refused');
      return setUpPage(request, reply, 'setupWrong');
    }
    const actor = { id: null, name: 'set-up', address };
    try {
      if (await domain.accounts.exists(username)) {
        await domain.accounts.verify({ username, password, address });
        await administration.setAdministrator(actor, username, true);
      } else await administration.createAccount(actor, { username, password, administrator: true });
      const account = await domain.accounts.verify({ username, password, address });
      setup.used();
      return signedIn(request, reply, account);
    } catch (error) {
      if (error instanceof Refusal)
        return setUpPage(request, reply, error.status === 429 ? 'slowDown' : 'wrong');
      if (error instanceof AdminRefusal) return setUpPage(request, reply, 'wrong');
      throw error;
    }
  });
  doing('/admin/sign-out', 'overview', async ({ request, actor }) => {
    await administration.note(actor, 'sign-out');
    sessions.end(cookie(request, COOKIE) ?? '');
    return undefined;
  });

  showing('/admin', 'overview', async ({ t }) => ({
    heading: 'overview',
    content: pages.overview(t, await administration.counts(), {
      connections: (await administration.connections()).length,
      openComplaints: await administration.openComplaints(),
    }),
  }));
  showing('/admin/accounts', 'accounts', async ({ t, field, page: of, session }) => ({
    heading: 'accounts',
    content: pages.accounts(t, await administration.accounts(field('query'), of), {
      query: field('query'),
      of,
      formToken: session.formToken,
    }),
  }));
  doing('/admin/accounts/create', 'accounts', async ({ t, field, actor }) => {
    const order = {
      username: field('username').trim(),
      password: field('password'),
      administrator: field('administrator') === 'yes',
    };
    const { password } = await administration.createAccount(actor, order);
    return password === '' ? undefined : { heading: 'accounts', content: pages.password(t, password) };
  });
  doing('/admin/accounts/change', 'accounts', async ({ t, field, actor, session }) => {
    const [username, action] = [field('username'), field('action')];
    if (!pages.isAccountAction(action)) return undefined;
    if (field('confirmed') !== 'yes') {
      return { heading: 'confirm', content: pages.confirm(t, username, action, session.formToken) };
    }
    if (action === 'resetPassword') {
      const made = await administration.resetPassword(actor, username, field('password'));
      return made === '' ? undefined : { heading: 'accounts', content: pages.password(t, made) };
    }
    if (action === 'grant' || action === 'revoke') {
      await administration.setAdministrator(actor, username, action === 'grant');
    } else if (action === 'remove') await administration.removeAccount(actor, username);
    else await administration.setDisabled(actor, username, action === 'disable');
    return undefined;
  });
  showing('/admin/groups', 'groups', async ({ t, page: of, session }) => ({
    heading: 'groups',
    content: pages.groups(t, await administration.groups(of), of, session.formToken),
  }));
  doing('/admin/groups/dissolve', 'groups', async ({ t, field, actor, session }) => {
    const group = { id: Number(field('id')) || 0, name: field('name') };
    if (field('confirmed') !== 'yes') {
      return { heading: 'confirm', content: pages.confirmDissolution(t, group, session.formToken) };
    }
    await administration.dissolveGroup(actor, group.id);
    return undefined;
  });
  showing('/admin/complaints', 'complaints', async ({ t, field, page: of }) => {
    const openOnly = field('show') !== 'all';
    const list = await administration.complaints(openOnly, of);
    return { heading: 'complaints', content: pages.complaints(t, list, { openOnly, of }) };
  });
  showing('/admin/complaints/:id', 'complaints', async ({ t, request, actor, session }) => {
    const { complaint, author } = await administration.complaint(actor, idOf(request));
    return { heading: 'complaints', content: pages.complaint(t, complaint, author, session.formToken) };
  });
  doing('/admin/complaints/:id', 'complaints', async ({ request, field, actor }) => {
    const status = ([0, 1, 2, 3] as const).find((one) => String(one) === field('status'));
    if (status !== undefined) {
      await administration.processComplaint(actor, idOf(request), { status, reply: field('reply').trim() });
    }
    return undefined;
  });
  /** Pictures of a complaint, which nobody but its author and administrators may see. */
  app.get('/admin/complaints/:id/files/*', async (request, reply) => {
    if ((await sessionOf(request)) === undefined) return dressed(reply).code(403).send();
    const path = (request.params as Record<string, string>)['*'] ?? '';
    const isPart = await administration.hasComplaintFile(idOf(request), path);
    const file = isPart ? await domain.files.findForAdministration(path) : undefined;
    if (file === undefined || !/^image\/(?:png|jpeg|gif|webp|bmp)$/.test(file.mime)) {
      return dressed(reply).code(404).send();
    }
    return dressed(reply)
      .type(file.mime)
      .send(await domain.files.read(file));
  });
  showing('/admin/connections', 'connections', async ({ t, session }) => ({
    heading: 'connections',
    content: pages.connections(t, await administration.connections(), session.formToken),
  }));
  doing('/admin/connections/close', 'connections', async ({ field, actor }) => {
    await administration.closeConnection(actor, Number(field('id')));
    return undefined;
  });
  showing('/admin/storage', 'storage', async ({ t }) => ({
    heading: 'storage',
    content: pages.storage(t, await options.storageUse(), await administration.counts()),
  }));
  showing('/admin/audit', 'audit', async ({ t, page: of }) => ({
    heading: 'audit',
    content: pages.audit(t, await administration.audit(of), of),
  }));
}

/** Headers of everything below `/admin`. */
function dressed(reply: FastifyReply): FastifyReply {
  return reply
    .removeHeader('access-control-allow-origin')
    .header('content-security-policy', CONTENT_SECURITY_POLICY)
    .header('cache-control', 'no-store')
    .header('x-content-type-options', 'nosniff')
    .header('x-frame-options', 'DENY')
    .header('referrer-policy', 'same-origin')
    .header('cross-origin-opener-policy', 'same-origin');
}

/** A form of ours, sent from a page of ours. Browsers say where a form comes from. */
function isFromHere(request: FastifyRequest): boolean {
  const { origin, host, 'sec-fetch-site': site } = request.headers;
  if (site !== undefined && site !== 'same-origin') return false;
  if (origin === undefined) return true;
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}

function languageOf(request: FastifyRequest, reply: FastifyReply): Language {
  const asked = fieldOf(request, 'lang');
  if (asked === 'zh' || asked === 'en') {
    reply.header('set-cookie', `${LANGUAGE_COOKIE}=${asked}; Path=/admin; SameSite=Strict; HttpOnly`);
    return asked;
  }
  const kept = cookie(request, LANGUAGE_COOKIE);
  if (kept === 'zh' || kept === 'en') return kept;
  return /^\s*zh/i.test(request.headers['accept-language'] ?? '') ? 'zh' : 'en';
}

function cookie(request: FastifyRequest, name: string): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name) return value;
  }
  return undefined;
}

function fieldOf(request: FastifyRequest, name: string): string {
  for (const source of [request.body, request.query]) {
    if (typeof source !== 'object' || source === null || !Object.hasOwn(source, name)) continue;
    const value = (source as Record<string, unknown>)[name];
    return typeof value === 'string' ? value : '';
  }
  return '';
}

function idOf(request: FastifyRequest): number {
  return Number((request.params as Record<string, string>)['id']) || 0;
}
