import type { NetworkInterfaceInfo } from 'node:os';
import { expect, test } from 'vitest';
import { ownAddresses } from './own-addresses.ts';

const address = (value: string, internal = false): NetworkInterfaceInfo[] => [
  {
    address: value,
    family: 'IPv4',
    internal,
    netmask: '255.255.255.0',
    mac: '00:00:00:00:00:00',
    cidr: `${value}/24`,
  },
];

test.each([
  ['Windows', 'Wi-Fi', ['vEthernet (WSL)', 'VirtualBox Host-Only Network', 'VMware Network Adapter VMnet8']],
  ['macOS', 'en0', ['bridge100', 'utun3', 'vmnet8']],
  ['Linux', 'enp3s0', ['docker0', 'virbr0', 'tun0', 'wg0', 'tailscale0', 'podman1', 'lxcbr0']],
])('%s: the address that colleagues reach comes first', (_system, real, virtual) => {
  const interfaces = Object.fromEntries([
    ...virtual.map((name, index) => [name, address(`172.16.${index}.1`)] as const),
    ['lo', address('127.0.0.1', true)] as const,
    [real, address('192.168.1.20')] as const,
  ]);
  const found = ownAddresses(interfaces);
  expect(found[0]).toBe('192.168.1.20');
  expect(found).toHaveLength(virtual.length + 1);
});
