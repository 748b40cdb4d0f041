/** Where this computer can be reached by others. */
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';

/** Interfaces that lead to virtual machines and containers of this computer, not to others. */
const VIRTUAL =
  /^(docker|podman|cni|lxc|lxd|br-|veth|virbr|vmnet|vmware|vboxnet|virtualbox|hyper-v|utun|tun|tap|wg|tailscale|awdl|llw|bridge|zt|zerotier)/iu;
const LINK_LOCAL = /^(169\.254\.|fe80:)/iu;

/** IPv4 before IPv6, real interfaces before virtual ones; none that are good for this link only. */
export function ownAddresses(interfaces = networkInterfaces()): string[] {
  const found = Object.entries(interfaces).flatMap(([name, addresses]) =>
    (addresses ?? []).filter(isUseful).map(({ address, family }) => ({
      address,
      rank: (VIRTUAL.test(name) ? 2 : 0) + (family === 'IPv4' ? 0 : 1),
    })),
  );
  // A stable sort: what the system names first stays first.
  return found.sort((one, other) => one.rank - other.rank).map(({ address }) => address);
}

function isUseful({ internal, address }: NetworkInterfaceInfo): boolean {
  return !internal && !LINK_LOCAL.test(address);
}
