/** On which interfaces it looks; what is found there is tried with real machines in `tests/integration`. */
import { beforeEach, expect, test, vi } from 'vitest';
import { createFakeClock } from '../support/fake-clock.ts';
import { silentLogger } from '../support/logger.ts';
import { createDiscovery } from './discovery.ts';

const { world } = vi.hoisted(() => ({ world: { addresses: [] as string[], looking: [] as string[] } }));
vi.mock('node:os', async (original) => ({
  ...(await original<object>()),
  networkInterfaces: () => ({
    net: world.addresses.map((address) => ({ address, family: 'IPv4', internal: false })),
  }),
}));
vi.mock('bonjour-service', () => ({
  Bonjour: class {
    readonly #address: string;
    constructor({ interface: address }: { interface: string }) {
      this.#address = address;
      world.looking.push(address);
    }
    find() {
      return { on: () => undefined, stop: () => undefined };
    }
    destroy() {
      world.looking.splice(world.looking.indexOf(this.#address), 1);
    }
  },
}));

beforeEach(() => Object.assign(world, { addresses: [], looking: [] }));

test('a network that comes or goes while somebody looks is looked on, or no longer', async () => {
  const clock = createFakeClock();
  const discovery = createDiscovery({
    interfaces: null,
    clock,
    logger: silentLogger,
    onChanged: () => undefined,
  });
  discovery.start();
  await expect.poll(() => clock.planned).toBe(1);
  expect(world.looking).toEqual([]);
  world.addresses = ['192.168.1.20'];
  clock.runNext();
  expect(world.looking).toEqual(['192.168.1.20']);
  world.addresses = ['10.0.0.4', '192.168.1.20'];
  clock.runNext();
  expect(world.looking).toEqual(['192.168.1.20', '10.0.0.4']);
  world.addresses = ['10.0.0.4'];
  clock.runNext();
  expect(world.looking).toEqual(['10.0.0.4']);
  discovery.stop();
  expect(world.looking).toEqual([]);
});
