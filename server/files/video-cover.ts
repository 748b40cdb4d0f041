/** A picture out of a video, made by ffmpeg when it is installed. */
import { spawn } from 'node:child_process';

export interface CoverRequest {
  /** A local file of ours. */
  path: string;
  mime: string;
  /** Milliseconds from the start. */
  time: number;
  /** Pixels; null for the width of the video. */
  width: number | null;
  format: 'png' | 'jpg';
}

export type Cover =
  { ok: true; image: Buffer } | { ok: false; reason: 'nothing-there' | 'tool'; text: string };

/** All that it gets to know of ours: where programs are. Without that, only the system's own folders are looked through. */
function environment(): NodeJS.ProcessEnv {
  const { PATH, Path, SystemRoot } = process.env;
  return Object.fromEntries(
    Object.entries({ PATH, Path, SystemRoot }).filter(([, value]) => value !== undefined),
  );
}

const LONGEST_RUN = 15_000;
const LARGEST_COVER = 16 * 1024 * 1024;

/**
 * The reader of each kind is fixed by what the file is: left to itself, ffmpeg would follow playlists inside of a hostile
 * file to other files and hosts.
 */
const READERS: readonly (readonly [RegExp, string])[] = [
  [/^(video|audio)\/(mp4|quicktime|x-m4v|x-m4a|3gpp2?)$/, 'mov'],
  [/^video\/(webm|matroska|x-matroska)$/, 'matroska'],
  [/^video\/(vnd\.avi|x-msvideo)$/, 'avi'],
  [/^video\/mpeg$/, 'mpeg'],
  [/^video\/ogg$/, 'ogg'],
  [/^video\/x-flv$/, 'flv'],
];

/** @param program path or name of ffmpeg */
export async function videoCover(program: string, request: CoverRequest): Promise<Cover> {
  const reader = READERS.find(([mime]) => mime.test(request.mime))?.[1];
  if (reader === undefined)
    return { ok: false, reason: 'tool', text: 'Invalid data found when processing input' };
  const scale = request.width === null ? [] : ['-vf', `scale=${request.width}:-2`];
  const codec = request.format === 'png' ? 'png' : 'mjpeg';
  const { code, output, errors } = await run(program, [
    ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-protocol_whitelist', 'file,pipe'],
    ...['-ss', String(request.time / 1000), '-f', reader, '-i', `file:${request.path}`],
    ...['-frames:v', '1', '-an', ...scale, '-threads', '1', '-f', 'image2pipe', '-c:v', codec, 'pipe:1'],
  ]);
  if (code !== 0) {
    // The place of the file is nobody's business.
    return {
      ok: false,
      reason: 'tool',
      text: `ffmpeg exited with code ${code}: ${withoutPath(errors, request.path)}`,
    };
  }
  return output.length === 0 ? { ok: false, reason: 'nothing-there', text: '' } : { ok: true, image: output };
}

/** Is it there, and does it run? */
export async function hasFfmpeg(program: string): Promise<boolean> {
  return (await run(program, ['-version'])).code === 0;
}

function run(program: string, args: string[]): Promise<{ code: number; output: Buffer; errors: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      env: environment(),
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_RUN);
    const pieces: Buffer[] = [];
    let size = 0;
    let errors = '';
    child.stdout.on('data', (piece: Buffer) => {
      size += piece.length;
      if (size > LARGEST_COVER) child.kill('SIGKILL');
      else pieces.push(piece);
    });
    child.stderr.on('data', (piece: Buffer) => (errors = (errors + piece.toString('utf8')).slice(0, 2000)));
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve({ code: -1, output: Buffer.alloc(0), errors: error.message });
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? -1, output: Buffer.concat(pieces), errors });
    });
  });
}

function withoutPath(text: string, path: string): string {
  return text
    .replaceAll(`file:${path}`, 'video')
    .replaceAll(path, 'video')
    .replaceAll(/[^\n]*0x[0-9a-f]+\] ?/g, '');
}
