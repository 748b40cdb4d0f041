/** Turns a declared endpoint into a route: parameters, caller, answer. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { answer } from './answers.ts';
import type { Caller } from '../domain/sessions.ts';
import { callerOf } from './authentication.ts';
import { readParameters } from './parameters.ts';
import type { Declaration, Values } from './parameters.ts';

export interface Call<Declared extends Declaration> {
  values: Values<Declared>;
  /** Address the limits count by. */
  address: string;
  request: FastifyRequest;
}

export interface AccountCall<Declared extends Declaration> extends Call<Declared> {
  account: Caller['account'];
  caller: Caller;
}

/** A call whose fields the rules read themselves, because its family does not use the common envelope. */
export interface RawCall {
  account: Caller['account'];
  path: Readonly<Record<string, unknown>>;
  /** Fields of the body as they came; empty when it is no object. */
  body: Readonly<Record<string, unknown>>;
}

export interface RawAnswer {
  status: number;
  body: object;
}

type Method = 'GET' | 'POST';

export class Routing {
  readonly #app: FastifyInstance;
  readonly #addressOf: (request: FastifyRequest) => string;

  constructor(app: FastifyInstance, addressOf: (request: FastifyRequest) => string) {
    this.#app = app;
    this.#addressOf = addressOf;
  }

  /** @param before check that comes before validation. */
  open<Declared extends Declaration>(
    method: Method,
    url: string,
    declaration: Declared,
    run: (call: Call<Declared>) => Promise<unknown>,
    before?: (request: FastifyRequest) => void,
  ): void {
    this.#app.route({
      method,
      url,
      handler: async (request, reply) => {
        before?.(request);
        const { params: path, query, body } = request;
        const values = readParameters(declaration, { path, query, body });
        return answer(reply, await run({ values, address: this.#addressOf(request), request }));
      },
    });
  }

  /** An endpoint that needs a token and answers in an envelope of its own; `url` is below `/api/chat/`. */
  signedInRaw(method: Method, url: string, run: (call: RawCall) => Promise<RawAnswer>): void {
    this.#app.route({
      method,
      url: `/api/chat/${url}`,
      handler: async (request, reply) => {
        const { account } = callerOf(request);
        const { status, body } = await run({
          account,
          path: fieldsOf(request.params),
          body: fieldsOf(request.body),
        });
        return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body));
      },
    });
  }

  /** An endpoint that needs a token; `url` is below `/api/chat/`. */
  signedIn<Declared extends Declaration>(
    method: Method,
    url: string,
    declaration: Declared,
    run: (call: AccountCall<Declared>) => Promise<unknown>,
  ): void {
    this.open(method, `/api/chat/${url}`, declaration, (call) => {
      const caller = callerOf(call.request);
      return run({ ...call, account: caller.account, caller });
    });
  }
}

/** Own fields only: a body may have fields called `__proto__`. */
function fieldsOf(source: unknown): Readonly<Record<string, unknown>> {
  const isObject = typeof source === 'object' && source !== null && !Array.isArray(source);
  return Object.assign(Object.create(null), isObject ? source : {}) as Record<string, unknown>;
}
