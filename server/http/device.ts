/** Header of the sign-in endpoints in which our clients name their device: `desktop:<id>`. */
import type { FastifyRequest } from 'fastify';
import { DEVICE_HEADER } from '#protocol/wire/sync';
import { PLAIN_DEVICE } from '../domain/sessions.ts';
import type { Device } from '../domain/sessions.ts';
import { ValidationFailure } from './parameters.ts';

export function deviceOf(request: FastifyRequest): Device {
  const value = request.headers[DEVICE_HEADER];
  if (value === undefined || value === '') return PLAIN_DEVICE;
  const match = /^([a-z]{1,16}):([\w-]{1,64})$/.exec(String(value));
  const [, kind, name] = match ?? [];
  // A damaged one is refused, not dropped: the session would count as a plain one.
  if (kind === undefined || name === undefined) {
    throw new ValidationFailure(
      `${DEVICE_HEADER} 的值 \`${String(value).slice(0, 80)}\` 的类型不是 \`device\``,
    );
  }
  return { kind, name };
}
