/** Finding a server by mDNS, between two machines that the test makes: nothing of it touches the machine's own network. */
import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canMakeNamespaces, twoMachines, type TwoMachines } from '../../helpers/network-namespaces.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const PATIENCE = { timeout: 60_000, interval: 100 };

describe.skipIf(!canMakeNamespaces)('on a network of two', () => {
  let machines: TwoMachines;
  let folder: string;
  beforeEach(() => {
    machines = twoMachines();
    folder = temporaryFolder('office');
  });
  afterEach(async () => {
    await machines.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a server is found while its switch is on and only then, and can be joined by what was found', async () => {
    const office = machines.near.start('tests/helpers/machines/office.ts', [folder, 'Workshop']);
    const newcomer = machines.far.start('tests/helpers/machines/newcomer.ts');
    await expect.poll(() => newcomer.last(), PATIENCE).toEqual({ found: [] });
    await expect.poll(() => office.last(), PATIENCE).toEqual({ closed: true });

    office.say('open');
    await expect.poll(() => office.last(), PATIENCE).toMatchObject({ port: 7001, announced: true });
    const { fingerprint } = office.last() as { fingerprint: string };
    const server = { name: 'Workshop', origin: `https://${machines.near.address}:7001`, fingerprint };
    await expect.poll(() => newcomer.last(), PATIENCE).toEqual({ found: [server] });
    office.say('rename 三楼 Workshop');
    await expect
      .poll(() => newcomer.last(), PATIENCE)
      .toEqual({ found: [{ ...server, name: '三楼 Workshop' }] });
    office.say('rename Workshop');
    await expect.poll(() => newcomer.last(), PATIENCE).toEqual({ found: [server] });
    newcomer.say('join');
    await expect.poll(() => newcomer.last(), PATIENCE).toEqual({ joined: 200 });

    // A goodbye, so it goes long before it would be forgotten.
    const closing = performance.now();
    office.say('close');
    await expect.poll(() => newcomer.last(), PATIENCE).toEqual({ found: [] });
    expect(performance.now() - closing).toBeLessThan(5_000);

    office.say('open');
    await expect.poll(() => newcomer.last(), PATIENCE).toEqual({ found: [server] });
    // And without one, as by a power cut, it is forgotten.
    office.child.kill('SIGKILL');
    await expect.poll(() => newcomer.last(), PATIENCE).toEqual({ found: [] });
    expect(newcomer.errors()).not.toContain('trouble');
  }, 180_000);

  test('whoever looks later finds it as well, and two servers stand beside each other', async () => {
    const office = machines.near.start('tests/helpers/machines/office.ts', [folder, 'Büro 一']);
    await expect.poll(() => office.last(), PATIENCE).toEqual({ closed: true });
    office.say('open');
    await expect.poll(() => office.last(), PATIENCE).toMatchObject({ announced: true });
    const other = machines.far.start('tests/helpers/machines/office.ts', [`${folder}/other`, 'Workshop']);
    await expect.poll(() => other.last(), PATIENCE).toEqual({ closed: true });
    other.say('open');
    await expect.poll(() => other.last(), PATIENCE).toMatchObject({ announced: true });
    const newcomer = machines.far.start('tests/helpers/machines/newcomer.ts');
    const names = () =>
      ((newcomer.last()?.['found'] ?? []) as { name: string; origin: string }[])
        .map(({ name, origin }) => `${name} ${origin}`)
        .sort();
    await expect
      .poll(names, PATIENCE)
      .toEqual([
        `Büro 一 https://${machines.near.address}:7001`,
        `Workshop https://${machines.far.address}:7001`,
      ]);
  }, 180_000);
});
