/** Request bodies: JSON and forms up to 1 MiB; anything else counts as an empty one (section 1). */
import type { FastifyInstance } from 'fastify';
import { isTooDeep } from '../domain/json-depth.ts';

export const BODY_LIMIT = 1024 * 1024;

/** More pairs than any form of the protocol has; the rest is dropped. */
const MOST_PAIRS = 1000;

/** Answered with the HTML page of section 2.1. */
export class BadBody extends Error {
  override readonly name = 'BadBody';
}

export function registerBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (request, body, done) => {
    try {
      done(null, parsedBody(request.headers['content-type'] ?? '', body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

function parsedBody(contentType: string, body: Buffer): unknown {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded') return formBody(body.toString('utf8'));
  if (type === 'application/json') return jsonBody(body.toString('utf8'));
  return {};
}

function jsonBody(text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return {};
  // Like the original: only an object or a list is a body.
  if (!/^[[{]/.test(trimmed) || isTooDeep(trimmed)) throw new BadBody();
  try {
    return JSON.parse(trimmed);
  } catch {
    throw new BadBody();
  }
}

function formBody(text: string): Record<string, unknown> {
  const values: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  let pairs = 0;
  for (const [key, value] of new URLSearchParams(text)) {
    if (++pairs > MOST_PAIRS) break;
    const isList = key.endsWith('[]');
    const name = isList ? key.slice(0, -2) : key;
    const known = values[name];
    if (Array.isArray(known)) known.push(value);
    else if (known !== undefined) values[name] = [known, value];
    else values[name] = isList ? [value] : value;
  }
  return values;
}

/** The first of repeated names counts. */
export function parseQuery(text: string): Record<string, string> {
  const values: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of new URLSearchParams(text)) values[name] ??= value;
  return values;
}
