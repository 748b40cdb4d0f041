/** The way to the server: proxies, certificates, what is in the way, and whether there is a line now. */
import { z } from 'zod';
import type { DoctorReport } from '../model/doctor.ts';
import { PROXY_KINDS, PROXY_MODES, type NetworkSettings, type ProxyTrial } from '../model/network.ts';
import { invoke, nothing, fingerprint } from './call.ts';

/** Colons are where HTTP divides the two. */
const login = z.object({
  username: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^:]*$/u),
  password: z.string().max(200),
});

export const networkCalls = {
  'network:settings': invoke<NetworkSettings>()(nothing),
  /** Without a login the known one of that proxy stays; null forgets it. */
  'network:set-proxy': invoke<NetworkSettings>()(
    z.object({
      setting: z.object({
        mode: z.enum(PROXY_MODES),
        kind: z.enum(PROXY_KINDS),
        host: z
          .string()
          .trim()
          .max(253)
          .regex(/^[^\s/@]*$/u),
        port: z.number().int().min(1).max(65_535),
        exceptions: z.string().max(2_000),
      }),
      login: login.nullable().optional(),
    }),
  ),
  /** Name and password for a proxy, `host:port`; null forgets them. */
  'network:set-login': invoke<NetworkSettings>()(
    z.object({ proxy: z.string().min(1).max(300), login: login.nullable() }),
  ),
  /** Opens a line to the chosen server as everything else would. */
  'network:try-proxy': invoke<ProxyTrial>()(z.object({ origin: z.string().max(500) })),
  /** Vouches for the certificate that this server presented last. */
  'network:trust': invoke<NetworkSettings>()(z.object({ origin: z.string().max(500), fingerprint })),
  'network:revoke': invoke<NetworkSettings>()(z.object({ origin: z.string().max(500) })),

  /** Looks at each step to a server, the chosen one without an address; `doctor:progressed` tells of each. */
  'doctor:examine': invoke<DoctorReport>()(z.object({ address: z.string().min(1).max(500).optional() })),

  'connection:reconnect': invoke<void>()(nothing),
  /** The network came or went: find out at once whether the connection still lives. */
  'connection:check': invoke<void>()(nothing),

  /** There may be room on the disk again: looks at once. */
  'storage:retry': invoke<void>()(nothing),
} as const;
