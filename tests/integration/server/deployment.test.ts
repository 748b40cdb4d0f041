/** What stands below `deploy/`: everything it names is there and works, and what it promises of the server is measured. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { SETTINGS, loadConfig } from '../../../server/config.ts';
import { endProcess } from '../../helpers/end-process.ts';
import { pinnedCall } from '../../helpers/pinned-tls.ts';
import { root } from './backups.ts';
import { temporaryDirectory } from './harness.ts';

const execute = promisify(execFile);
const deploy = (name: string) => readFileSync(join(root, 'deploy', name), 'utf8');
const variables = new Set(SETTINGS.map(({ environment }) => environment));

let program: string;
let built: string;
beforeAll(async () => {
  // Inside the repository: the libraries are found from there, as they are beside the program when it is deployed.
  built = mkdtempSync(join(root, 'node_modules', '.built-server-'));
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  await execute(process.execPath, [vite, 'build', '--config', 'vite.server.config.ts', '--outDir', built], {
    cwd: root,
  });
  program = join(built, 'main.js');
}, 120_000);
afterAll(() => rmSync(built, { recursive: true, force: true }));

/** Starts the built server as the unit and the image do: with an environment and nothing else. */
async function started(environment: Record<string, string>) {
  const begun = performance.now();
  const child = spawn(process.execPath, [program], {
    cwd: built,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      MAGPIE_HOST: '127.0.0.1',
      MAGPIE_PORT: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const origin = await new Promise<string>((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const found = /listening on (\S+)/u.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${errors}`)));
  });
  return { child, origin, readyAfter: performance.now() - begun, errors: () => errors };
}

const health = (data: string) =>
  execute(process.execPath, [program, 'health'], { env: { PATH: process.env.PATH, MAGPIE_DATA: data } });

test('the server alone is ready within ten seconds, idles in less than 150 MB, and says how it is', async () => {
  const data = temporaryDirectory();
  await expect(health(data)).rejects.toMatchObject({ code: 1 });
  const { child, origin, readyAfter } = await started({ MAGPIE_DATA: data, MAGPIE_TLS: 'self' });
  expect(readyAfter).toBeLessThan(10_000);
  expect((await health(data)).stdout).toBe('healthy\n');
  const { stdout } = await execute(process.execPath, [program, 'fingerprint'], {
    env: { PATH: process.env.PATH, MAGPIE_DATA: data, MAGPIE_TLS: 'self' },
  });
  const json = { username: 'anna01', password: 'secret12' };
  expect((await pinnedCall(origin, stdout.trim(), '/api/regChat', { json })).status).toBe(200);
  if (process.platform === 'linux') {
    const pss = /^Pss:\s+(\d+) kB/mu.exec(readFileSync(`/proc/${child.pid}/smaps_rollup`, 'utf8'))?.[1];
    process.stdout.write(
      `ready after ${Math.round(readyAfter)} ms, idle at ${Math.round(Number(pss) / 1024)} MiB\n`,
    );
    expect(Number(pss) * 1024).toBeLessThan(150e6);
  }
  child.kill('SIGHUP');
  expect((await health(data)).stdout, 'a reload does not end it').toBe('healthy\n');
  await endProcess(child);
  expect(child.exitCode).toBe(0);
  await expect(health(data)).rejects.toMatchObject({ code: 1 });
});

test('the unit: settings that exist, a program that is built there, and no rights beyond its folders', () => {
  const unit = deploy('magpie-server.service');
  const values = (key: string) =>
    [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gmu'))].map(([, value]) => value ?? '');
  const environment = Object.fromEntries(values('Environment').map((pair) => pair.split('=')));
  for (const name of Object.keys(environment))
    expect(name === 'NODE_ENV' || variables.has(name), name).toBe(true);
  const config = loadConfig([], environment);
  const folders = (values('StateDirectory')[0] ?? '').split(' ').map((name) => `/var/lib/${name}`);
  expect(folders).toEqual([config.dataDirectory, config.backupTo]);
  expect(values('ExecStart')).toEqual(['/usr/bin/node /opt/magpie/out/server/main.js']);
  const promised = {
    DynamicUser: 'yes',
    NoNewPrivileges: 'yes',
    ProtectSystem: 'strict',
    CapabilityBoundingSet: '',
    UMask: '0077',
  };
  for (const [key, value] of Object.entries(promised)) expect(values(key), key).toEqual([value]);
  expect(values('User')).toEqual([]);
});

test.skipIf(!existsSync('/usr/bin/systemd-analyze'))('the unit is what systemd understands', async () => {
  const file = join(root, 'deploy/magpie-server.service');
  const { stderr } = await execute('systemd-analyze', ['verify', '--recursive-errors=no', file]).catch(
    (error: { stderr: string }) => error,
  );
  // The program is not installed here; everything else has to be right.
  const complaints = stderr
    .split('\n')
    .filter((line) => line.includes('magpie-server') && !/not executable/u.test(line));
  expect(complaints).toEqual([]);
});

test('the image: not root, a health check that works, and only files that are there', () => {
  const lines = deploy('Dockerfile').replaceAll('\\\n', ' ').split('\n');
  const of = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  expect(of('USER')).toEqual(['node']);
  expect(lines.findIndex((line) => line.startsWith('USER'))).toBeGreaterThan(
    lines.findLastIndex((line) => line.startsWith('RUN')),
  );
  for (const from of of('FROM')) expect(from, 'a version, not whatever is newest').toMatch(/^node:\d+-\S+/u);
  expect(of('HEALTHCHECK')[0]).toContain('CMD ["node", "/app/out/server/main.js", "health"]');
  expect(of('ENTRYPOINT')).toEqual(['["node", "/app/out/server/main.js"]']);
  const settings = [...(of('ENV')[0] ?? '').matchAll(/(MAGPIE_\w+)=(\S+)/gu)].map(([, name, value]) => [
    name,
    value,
  ]);
  for (const [name] of settings) expect(variables.has(name ?? ''), name).toBe(true);
  const { host, port, dataDirectory } = loadConfig(
    [],
    Object.fromEntries(settings) as Record<string, string>,
  );
  expect({ host, dataDirectory }).toEqual({ host: '0.0.0.0', dataDirectory: '/data' });
  expect(of('EXPOSE')).toEqual([String(port)]);
  expect(of('VOLUME')[0]).toContain('"/data"');
  const copied = of('COPY').filter((line) => !line.startsWith('--from'));
  const allowed = deploy('Dockerfile.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('!'));
  for (const name of copied.flatMap((line) => line.split(' ').slice(0, -1))) {
    expect(existsSync(join(root, name)), name).toBe(true);
    expect(allowed).toContain(`!${name.replace('./', '')}`);
  }
  const scripts = (
    JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  ).scripts;
  for (const [, script = ''] of deploy('Dockerfile').matchAll(/npm run ([\w:]+)/gu))
    expect(scripts[script]).toBeDefined();
});

test('every library that the built server asks for is among those that are installed beside it', () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const files = readdirSync(built, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.js'),
  );
  const asked = files.flatMap((name) =>
    [
      ...readFileSync(join(built, name), 'utf8').matchAll(
        /(?:^import\s(?:[^;'"]*\sfrom\s)?|import\()["']([^"']+)["']/gmu,
      ),
    ].map(([, from = '']) => from),
  );
  const libraries = asked
    .filter((from) => !/^(?:\.|node:)/u.test(from))
    .map((from) =>
      from
        .split('/')
        .slice(0, from.startsWith('@') ? 2 : 1)
        .join('/'),
    );
  expect(libraries).toContain('fastify');
  expect(libraries.filter((library) => !Object.hasOwn(dependencies, library))).toEqual([]);
});

interface Compose {
  services: Record<
    string,
    Record<string, unknown> & { environment: Record<string, string>; volumes: string[] }
  >;
  volumes: Record<string, unknown>;
}

test('the compose file: the image above, its volumes, settings that exist, and nothing that it does not need', () => {
  const { services, volumes } = parse(deploy('compose.yaml')) as Compose;
  const server = services['server']!;
  expect(server['build']).toEqual({ context: '..', dockerfile: 'deploy/Dockerfile' });
  for (const name of Object.keys(server.environment)) expect(variables.has(name), name).toBe(true);
  const config = loadConfig([], server.environment);
  expect(config).toMatchObject({ tls: 'self', backupTo: '/backups', backupHours: 24, backupKeep: 7 });
  expect(server.volumes.map((entry) => entry.split(':')[0])).toEqual(Object.keys(volumes));
  expect(server.volumes.map((entry) => entry.split(':')[1])).toEqual(['/data', config.backupTo]);
  expect(server).toMatchObject({
    user: '1000:1000',
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    ports: [`${config.port}:${config.port}`],
  });
  expect(server).not.toHaveProperty('privileged');
});
