import { JSON_SCHEMA, load } from 'js-yaml';
import { z } from 'zod';
import { UpdateFailure } from './updater.ts';

/** What electron-builder writes as `latest*.yml`, as far as it is used here. */
const metadata = z.object({
  version: z.string().regex(/^\d+\.\d+\.\d+(-[0-9a-z.-]+)?$/iu),
  files: z
    .array(
      z.object({
        // A name beside the metadata: a feed sends nobody elsewhere.
        url: z.string().regex(/^[^/\\?#:]+$/u),
        sha512: z.string().regex(/^[\w+/]{86}==$/u),
        size: z.number().int().positive().optional(),
        blockMapSize: z.number().int().positive().optional(),
      }),
    )
    .min(1)
    .max(100),
  releaseNotes: z.string().max(20_000).nullish(),
  releaseDate: z.string().default(''),
});
export type ReleaseMetadata = z.output<typeof metadata>;

/** @throws {UpdateFailure} `corrupt` for anything else */
export function readMetadata(text: string): ReleaseMetadata {
  try {
    // Dates stay text.
    return metadata.parse(load(text, { schema: JSON_SCHEMA }));
  } catch (thrown) {
    throw new UpdateFailure('corrupt', 'the metadata cannot be understood', thrown);
  }
}
