/**
 * The steps of the Dockerfile, done in folders instead of an image: what it copies, installs and builds is a server that an ordinary
 * user can run and that its health check finds well. What only a container has (its base image, its network) is not shown here.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { accessSync, chmodSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { cp, mkdir, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { endProcess } from '../../helpers/end-process.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { root } from './backups.ts';

const execute = promisify(execFile);
const place = temporaryFolder('image');
afterAll(() => rm(place, { recursive: true, force: true, maxRetries: 5 }));

interface Step {
  word: string;
  rest: string;
}

/** The steps of each stage, by its name; the last one has none in the file and is called `image`. */
function stagesOf(dockerfile: string): Map<string, Step[]> {
  const stages = new Map<string, Step[]>();
  let steps: Step[] = [];
  for (const line of dockerfile.replaceAll(/\\\n\s*/gu, '').split('\n')) {
    const [, word = '', rest = ''] = /^([A-Z]+) (.+)$/u.exec(line) ?? [];
    if (word === 'FROM') stages.set(/ AS (\S+)$/u.exec(rest)?.[1] ?? 'image', (steps = []));
    else if (word !== '') steps.push({ word, rest });
  }
  return stages;
}

const stages = stagesOf(readFileSync(join(root, 'deploy/Dockerfile'), 'utf8'));
/** What lies at a path in a stage. */
const within = (stage: string, path: string): string => join(place, stage, path);
const isRoot = process.getuid?.() === 0;
/** `nobody`; who is no root already stays who they are. */
const user = isRoot
  ? { uid: 65_534, gid: 65_534 }
  : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

/** What the ignore file lets into the build; everything else is not there for it. */
const context = readFileSync(join(root, 'deploy/Dockerfile.dockerignore'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('!'))
  .map((line) => line.slice(1));
const isTest = (path: string) => path.endsWith('.test.ts');

async function copy(stage: string, workFolder: string, rest: string): Promise<void> {
  const words = rest.split(' ');
  const from = words[0]?.startsWith('--from=') === true ? words.shift()?.slice('--from='.length) : undefined;
  const target = words.pop() ?? '';
  for (const source of words) {
    if (from === undefined && !context.includes(source))
      throw new Error(`${source} does not come into the build`);
    const origin = from === undefined ? join(root, source) : within(from, source);
    const isInto = target.endsWith('/') && statSync(origin).isFile();
    const to = within(stage, join(workFolder, target, isInto ? basename(source) : ''));
    await mkdir(dirname(to), { recursive: true });
    await cp(origin, to, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => from !== undefined || !isTest(path),
    });
  }
}

async function run(stage: string, workFolder: string, command: string): Promise<void> {
  const cwd = within(stage, workFolder);
  await mkdir(cwd, { recursive: true });
  if (command === 'npm ci --ignore-scripts') {
    // Just what the repository was set up with.
    await symlink(join(root, 'node_modules'), join(cwd, 'node_modules'));
    return;
  }
  const order = command
    .replaceAll('node:node', `${user.uid}:${user.gid}`)
    .replaceAll(/ (\/(?:data|backups))\b/gu, (_all, path: string) => ` ${within(stage, path)}`);
  const env = { ...process.env, ...NPM };
  await execute('/bin/sh', ['-ec', order], { cwd, env }).catch(async (error: { stderr: string }) => {
    if (!command.startsWith('npm ci --omit=dev') || !UNREACHABLE.test(error.stderr)) throw error;
    await installAsLocked(cwd);
  });
}

/** What the cache has is not asked for, and an npm registry that is out of reach is found out soon. */
const NPM = {
  ...{ npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' },
  ...{ npm_config_fetch_retries: '1', npm_config_fetch_retry_mintimeout: '1000' },
};
const UNREACHABLE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ENOTCACHED|ETIMEDOUT/u;

/** Where there is neither: the packages that the lockfile does not need for development alone, out of those of the repository. */
async function installAsLocked(cwd: string): Promise<void> {
  const { packages } = JSON.parse(readFileSync(join(cwd, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  for (const [path, { dev }] of Object.entries(packages)) {
    if (path === '' || dev === true || !existsSync(join(root, path))) continue;
    const skip = join(root, path, 'node_modules');
    await cp(join(root, path), join(cwd, path), { recursive: true, filter: (from) => from !== skip });
  }
}

/** @returns the environment that the stage sets */
async function build(stage: string): Promise<Record<string, string>> {
  const environment: Record<string, string> = {};
  let workFolder = '/';
  for (const { word, rest } of stages.get(stage) ?? []) {
    if (word === 'WORKDIR') workFolder = rest;
    else if (word === 'COPY') await copy(stage, workFolder, rest);
    else if (word === 'RUN') await run(stage, workFolder, rest);
    else if (word === 'ENV')
      for (const [, name = '', value = ''] of rest.matchAll(/(\w+)=(\S+)/gu)) environment[name] = value;
  }
  return environment;
}

const listOf = (word: string): string[] => {
  const rest = stages.get('image')?.find((step) => step.word === word)?.rest ?? '';
  const [program = '', ...args] = JSON.parse(rest.slice(rest.indexOf('['))) as string[];
  expect(program).toBe('node');
  return args.map((one) => (one.startsWith('/') ? within('image', one) : one));
};

test.skipIf(process.platform !== 'linux')(
  'the steps of the Dockerfile make a server that runs as an ordinary user and is healthy',
  async () => {
    await mkdir(place, { recursive: true });
    chmodSync(place, 0o755);
    for (const stage of [...stages.keys()].slice(0, -1)) await build(stage);
    const environment = await build('image');
    // For production alone: what builds and tests is not in it.
    for (const absent of ['typescript', 'vite', 'electron', 'vue'])
      expect(() => accessSync(within('image', `/app/node_modules/${absent}`)), absent).toThrow();

    const data = within('image', '/data');
    expect(statSync(data).mode & 0o777).toBe(0o700);
    expect(statSync(data).uid).toBe(user.uid);
    const env = {
      PATH: process.env.PATH,
      ...environment,
      MAGPIE_HOST: '127.0.0.1',
      MAGPIE_PORT: '0',
      MAGPIE_DATA: data,
    };
    const options = { cwd: within('image', '/app'), env, ...(isRoot ? user : {}) };
    const health = () => execute(process.execPath, listOf('HEALTHCHECK'), options);
    await expect(health()).rejects.toMatchObject({ code: 1 });
    const server = spawn(process.execPath, listOf('ENTRYPOINT'), {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      await listening(server);
      expect((await health()).stdout).toBe('healthy\n');
      accessSync(join(data, 'magpie.db'), constants.F_OK);
    } finally {
      await endProcess(server);
    }
    expect(server.exitCode).toBe(0);
    await expect(health()).rejects.toMatchObject({ code: 1 });
  },
  300_000,
);

/** Resolves when it says so itself. */
function listening(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let errors = '';
    let output = '';
    server.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    server.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('listening on ')) resolve();
    });
    server.once('exit', (code) => reject(new Error(`ended with ${code}: ${errors}`)));
  });
}
