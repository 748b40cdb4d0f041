/**
 * A new version is on trial until its window was usable once. Meanwhile the file of the version before lies beside, and
 * after two starts that came to nothing it takes its place again.
 *
 * Two keep watch. A small shell script starts the new version right after the update: it also notices one that cannot run a line
 * of code. And the new version counts its own starts, for those that begin elsewhere, such as from the menu after a restart of
 * the computer.
 */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Starts that may fail. */
const STARTS = 2;
/** Seconds that the script gives a window to become usable. */
const PATIENCE = 120;

const trial = z.object({
  version: z.string(),
  /** The file that is started. */
  program: z.string(),
  /** Starts so far. */
  starts: z.number().int().min(0),
});
const takenBack = z.object({ version: z.string(), told: z.boolean() });

/**
 * Arguments: process to wait for, program, the former program, the mark of the trial, where a failure is written, version, seconds.
 * Whoever ends the app in order before it was usable ends the trial's first part only: the app counts on.
 */
const WATCH = `#!/bin/sh
program=$2 former=$3 trial=$4 failure=$5 version=$6 patience=$7
doze() { sleep 0.2 2>/dev/null || sleep 1; }
while kill -0 "$1" 2>/dev/null; do doze; done
start=0
while [ $start -lt ${STARTS} ]; do
  start=$((start + 1))
  "$program" & child=$!
  until=$(($(date +%s) + patience))
  while [ -e "$trial" ] && kill -0 $child 2>/dev/null && [ "$(date +%s)" -lt $until ]; do doze; done
  [ -e "$trial" ] || exit 0
  if kill -0 $child 2>/dev/null; then kill -9 $child; wait $child 2>/dev/null
  elif wait $child; then exit 0
  fi
done
[ -e "$former" ] || exit 1
cp "$former" "$program.former" && chmod 755 "$program.former" && mv -f "$program.former" "$program" || exit 1
printf '{"version":"%s","told":false}' "$version" > "$failure"
rm -f "$trial" "$former"
exec "$program"
`;

export interface TrialPlace {
  trial: string;
  former: string;
  failure: string;
  watch: string;
}

function placeOf(userData: string): TrialPlace {
  const folder = join(userData, 'updates');
  return {
    trial: join(folder, 'trial.json'),
    former: join(folder, 'former'),
    failure: join(folder, 'taken-back.json'),
    watch: join(folder, 'watch.sh'),
  };
}

/** Puts `installer` in the place of `program` and keeps the former one. Throws what the file system throws; nothing has changed then. */
export function replaceProgram(userData: string, program: string, installer: string, version: string): void {
  const place = placeOf(userData);
  mkdirSync(join(userData, 'updates'), { recursive: true, mode: 0o700 });
  const incoming = `${program}.incoming`;
  try {
    // On the same disk a second name costs nothing, and the first one can be given to another file.
    rmSync(place.former, { force: true });
    linkOrCopy(program, place.former);
    copyFileSync(installer, incoming);
    chmodSync(incoming, 0o755);
    writeFileSync(place.trial, JSON.stringify({ version, program, starts: 0 }));
    renameSync(incoming, program);
  } catch (thrown) {
    for (const path of [incoming, place.former, place.trial]) rmSync(path, { force: true });
    throw thrown;
  }
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

/** Starts what {@link replaceProgram} put there as soon as this process has ended, and watches over it. */
export function startWatched(userData: string, program: string, version: string): void {
  const place = placeOf(userData);
  writeFileSync(place.watch, WATCH, { mode: 0o700 });
  const args = [
    String(process.pid),
    program,
    place.former,
    place.trial,
    place.failure,
    version,
    String(PATIENCE),
  ];
  detached('/bin/sh', [place.watch, ...args]);
}

/** What an AppImage's runtime tells the program inside is not true for the next one. */
const RUNTIME_VARIABLES = ['APPIMAGE', 'APPDIR', 'ARGV0', 'OWD', 'APPIMAGE_SILENT_INSTALL'];

function detached(command: string, args: string[]): void {
  const env = { ...process.env };
  for (const name of RUNTIME_VARIABLES) delete env[name];
  spawn(command, args, { detached: true, stdio: 'ignore', env }).unref();
}

export interface Trial {
  /** The version that did not start and was taken back; null when the last one is fine. */
  takenBack: string | null;
  /** The person has not been told of that. */
  isNews: boolean;
  /** The window is usable: this version stays. */
  passed(): void;
  /** The app ends in order before that: this start says nothing about the version. */
  ended(): void;
  /** They were told. */
  told(): void;
}

/**
 * To be called once, early in a start that holds the lock of the profile.
 * @returns `taken-back` when this version has failed often enough: the former one is in its place and starts when this process
 *   ends, which it should do now.
 */
export function beginStart(userData: string, version: string): Trial | 'taken-back' {
  const place = placeOf(userData);
  let onTrial = read(place.trial, trial);
  if (onTrial !== null && onTrial.version !== version) {
    // It was replaced by hand, or the replacement never came to pass.
    for (const path of [place.trial, place.former]) rmSync(path, { force: true });
    onTrial = null;
  }
  if (onTrial !== null) {
    if (onTrial.starts >= STARTS && takeBack(place, onTrial)) return 'taken-back';
    save(place.trial, { ...onTrial, starts: onTrial.starts + 1 });
  }
  let failure = read(place.failure, takenBack);
  if (failure?.version === version) {
    // The person installed it again, and now it runs.
    rmSync(place.failure, { force: true });
    failure = null;
  }
  return {
    takenBack: failure?.version ?? null,
    isNews: failure?.told === false,
    passed() {
      if (onTrial === null) return;
      onTrial = null;
      for (const path of [place.trial, place.former, place.watch]) rmSync(path, { force: true });
    },
    ended() {
      if (onTrial !== null) save(place.trial, onTrial);
    },
    told() {
      if (failure !== null) save(place.failure, { ...failure, told: true });
    },
  };
}

function takeBack(place: TrialPlace, { program, version }: z.output<typeof trial>): boolean {
  const incoming = `${program}.incoming`;
  try {
    copyFileSync(place.former, incoming);
    chmodSync(incoming, 0o755);
    renameSync(incoming, program);
  } catch {
    // Without the former one this one has to do.
    rmSync(incoming, { force: true });
    rmSync(place.trial, { force: true });
    return false;
  }
  save(place.failure, { version, told: false });
  for (const path of [place.trial, place.former]) rmSync(path, { force: true });
  const wait = 'while kill -0 "$1" 2>/dev/null; do sleep 0.2 || sleep 1; done; exec "$2"';
  detached('/bin/sh', ['-c', wait, 'sh', String(process.pid), program]);
  return true;
}

function read<Schema extends z.ZodType>(path: string, schema: Schema): z.output<Schema> | null {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

function save(path: string, value: unknown): void {
  try {
    writeFileSync(path, JSON.stringify(value));
  } catch {
    // A disk that cannot be written is told of elsewhere, and must not end a start.
  }
}
