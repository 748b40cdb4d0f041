/** The file of a `multipart/form-data` body, as a stream: nothing of it is gathered in memory. */
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import type { BusboyHeaders } from '@fastify/busboy';
import { Refusal } from '../domain/refusal.ts';

export interface FilePart {
  field: string;
  /** Last part of whatever path the sender gave; not a safe name. */
  fileName: string;
  content: Readable;
}

const LIMITS = {
  files: 1,
  parts: 100,
  fields: 100,
  fieldSize: 64 * 1024,
  headerPairs: 50,
  headerSize: 8 * 1024,
};

/**
 * Hands the first file to `take` and answers what that answers; text parts are skipped.
 * @throws {Refusal} with the sentences of section 5.6 when there is no multipart body or no file in it
 */
export function readFilePart<Result>(
  request: IncomingMessage,
  take: (part: FilePart) => Promise<Result>,
): Promise<Result> {
  const type = request.headers['content-type'] ?? '';
  if (!/^multipart\//i.test(type)) return Promise.reject(new Refusal('Content-Type must be multipart/*'));
  let parser: InstanceType<typeof Busboy>;
  try {
    parser = new Busboy({ headers: request.headers as BusboyHeaders, limits: LIMITS });
  } catch {
    return Promise.reject(new Refusal('Content-Type must be multipart/*'));
  }
  return new Promise<Result>((resolve, reject) => {
    let file: Readable | undefined;
    const fail = (error: Error): void => {
      request.unpipe(parser);
      file?.destroy(error);
      reject(error);
    };
    parser.on('file', (field: string, content: Readable, fileName: string | undefined) => {
      if (file !== undefined || fileName === undefined || fileName === '') return void content.resume();
      file = content;
      // A stream without a listener would end the process when it is destroyed with an error.
      content.on('error', () => undefined);
      // What `take` throws at once must not reach the parser: nobody would catch it there.
      void Promise.resolve({ field, fileName, content }).then(take).then(resolve, fail);
    });
    parser.on('finish', () => {
      if (file === undefined) fail(new Refusal("Can't found upload file"));
    });
    parser.on('error', () => fail(new Refusal('Bad Request')));
    request.once('error', () => fail(new Refusal('Bad Request')));
    // Its line may have been cut before anybody listened, with or without all of it in a buffer: nothing would ever come out.
    const isCut = () => !request.readableEnded;
    request.once('close', () => {
      if (isCut()) fail(new Refusal('Bad Request'));
    });
    if (request.destroyed && isCut()) return fail(new Refusal('Bad Request'));
    request.pipe(parser);
  });
}
