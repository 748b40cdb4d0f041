/** Which addresses belong to the public network: pages that strangers name are fetched from there and nowhere else. */
import ipaddr from 'ipaddr.js';

/** Looks public and is answered by the machine that hosts a virtual one: Azure's source of its credentials. */
const HOSTS_OWN = new Set(['168.63.129.16']);

/** What has been given out for use on the public network; all else of the sixth version is special or nobody's. */
const GLOBAL_SIX = ipaddr.parseCIDR('2000::/3');

/**
 * Neither this computer, nor its network, nor what clouds tell their own machines, in none of the forms that these can be
 * written in.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // An address of the fourth version within one of the sixth is what it stands for.
  const meant = ipaddr.process(address);
  if (meant.range() !== 'unicast' || HOSTS_OWN.has(meant.toString())) return false;
  return meant.kind() === 'ipv4' || meant.match(GLOBAL_SIX);
}
