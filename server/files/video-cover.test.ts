import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { FFMPEG } from '../../tests/helpers/files/samples.ts';
import { hasFfmpeg } from './video-cover.ts';

// A link needs a permission on Windows that few have.
test.skipIf(process.platform === 'win32')(
  'ffmpeg is found by its name where the path leads to it',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'magpie-path-'));
    onTestFinished(() => {
      vi.unstubAllEnvs();
      return rm(folder, { recursive: true, force: true });
    });
    await symlink(FFMPEG, join(folder, 'ffmpeg-of-a-person'));
    expect(await hasFfmpeg('ffmpeg-of-a-person')).toBe(false);
    vi.stubEnv('PATH', folder);
    expect(await hasFfmpeg('ffmpeg-of-a-person')).toBe(true);
    expect(await hasFfmpeg('no-such-program')).toBe(false);
  },
);
