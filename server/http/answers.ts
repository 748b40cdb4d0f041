/** Answers of section 2.1: the envelope, and the one place where something thrown becomes a status and a text. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SERVER_TEXTS } from '#protocol/wire/envelope';
import { Refusal } from '../domain/refusal.ts';
import { BadBody } from './bodies.ts';
import { ValidationFailure } from './parameters.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** `data` that is JSON text already: sent as it is, so a repeated answer is the same byte by byte. */
export class JsonText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** The one answer that is no JSON: a picture made for the caller. Its address may hold a token, so nobody keeps it. */
export class BinaryAnswer {
  readonly type: string;
  readonly bytes: Buffer;
  constructor(type: string, bytes: Buffer) {
    this.type = type;
    this.bytes = bytes;
  }
}

export function answer(reply: FastifyReply, data: unknown): FastifyReply {
  if (data instanceof BinaryAnswer) {
    return reply.code(200).type(data.type).header('cache-control', 'no-store').send(data.bytes);
  }
  const body =
    data instanceof JsonText ? `{"msg":"ok","data":${data.text}}` : JSON.stringify({ msg: 'ok', data });
  return reply.code(200).type(JSON_TYPE).send(body);
}

function fail(reply: FastifyReply, status: number, data: string): FastifyReply {
  return reply
    .code(status)
    .type(JSON_TYPE)
    .send(JSON.stringify({ msg: 'fail', data }));
}

/** What every answer says of itself; those that may be kept, such as files, say so in the place of this. */
export function registerAnswerHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
  });
}

export function registerAnswers(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof Refusal) {
      if (error.retryAfter !== undefined) reply.header('retry-after', error.retryAfter);
      return fail(reply, error.status, error.message);
    }
    if (error instanceof ValidationFailure) return fail(reply, 422, error.message);
    if (error instanceof BadBody) return badBody(request, reply);
    const status = statusOf(error);
    if (status === 413) {
      // Lets the sender finish, or it would see a broken connection instead of the answer.
      request.raw.resume();
      return reply.code(413).type('text/html; charset=utf-8').send('<h2>413 Payload Too Large</h2>');
    }
    if (status >= 400 && status < 500) return fail(reply, status, 'Bad Request');
    request.log.error({ err: error, path: pathOf(request) }, 'request failed');
    return fail(reply, 500, 'Internal Server Error');
  });
  // The original answers 200 (quirk Q34); a client tests `msg` as well, so the honest status harms nobody.
  app.setNotFoundHandler((_request, reply) => fail(reply, 404, SERVER_TEXTS.unknownPath));
}

function badBody(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const accept = request.headers.accept ?? '';
  const json = accept.indexOf('application/json');
  const html = accept.indexOf('text/html');
  reply.code(400);
  if (json >= 0 && (html < 0 || json < html)) {
    return reply.type(JSON_TYPE).send(JSON.stringify({ message: 'Problems parsing JSON' }));
  }
  return reply.type('text/html; charset=utf-8').send('<h2>400 Bad Request</h2>');
}

function statusOf(error: unknown): number {
  const status =
    typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : 500;
  return typeof status === 'number' ? status : 500;
}

/** Path without the query, which may hold a token. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}
