import { describe, expect, it } from 'vitest';
import { isPublicAddress } from './public-addresses.ts';

describe('isPublicAddress', () => {
  it.each(['1.1.1.1', '93.184.216.34', '172.32.0.1', '100.63.255.255', '2606:4700:4700::1111'])(
    '%s is public',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  it.each([
    // This computer.
    ...['127.0.0.1', '127.255.255.254', '0.0.0.0', '0.1.2.3', '::1', '::'],
    // Its network.
    ...['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', 'fc00::1', 'fd12:3456::1'],
    ...['169.254.1.1', 'fe80::1', 'fe80::1%eth0', 'fec0::1'],
    // What clouds tell their machines.
    ...['169.254.169.254', 'fd00:ec2::254', '100.100.100.200', '192.0.0.192', '168.63.129.16'],
    // One of the fourth version within one of the sixth.
    ...[
      '::ffff:127.0.0.1',
      '::ffff:a9fe:a9fe',
      '::127.0.0.1',
      '64:ff9b::7f00:1',
      '2002:7f00:1::1',
      '2001::1',
    ],
    // Many at once, for examples, for nothing.
    ...[
      '224.0.0.1',
      '255.255.255.255',
      '192.0.2.1',
      '198.51.100.1',
      '203.0.113.1',
      '198.18.0.1',
      '240.0.0.1',
    ],
    ...['ff02::1', '2001:db8::1', '100::1', '5f00::1', '4000::1'],
    // No addresses at all.
    ...['', 'localhost', 'example.org', '999.1.1.1', 'nonsense'],
  ])('%s is not', (address) => expect(isPublicAddress(address)).toBe(false));
});
