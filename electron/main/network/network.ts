/**
 * The way out, for everything: calls, the socket, uploads and downloads go through the same proxies and believe the same
 * certificates, because all of them take their lines from one dialer.
 */
import type http from 'node:http';
import type { Socket } from 'node:net';
import { Agent, type AgentConnectOpts } from 'agent-base';
import type { Agent as Dispatcher, fetch as UndiciFetch, RequestInit, Response } from 'undici';
import type { Dialer } from './dialer.ts';

/** Agents for `http:` and `https:` (`ws:` and `wss:`) addresses. */
export interface Agents {
  readonly plain: http.Agent;
  readonly secure: http.Agent;
}

export interface Network {
  /** Kept alive, lines are used again; else every request has one of its own. Whoever asks for kept ones destroys them. */
  agents(keepAlive: boolean): Agents;
  /** `fetch`, for bodies that are streams. */
  fetch(url: string, init?: RequestInit): Promise<Response>;
  /** Proxies or certificates are others than before: lines of yesterday are not used again. */
  renew(): void;
}

/** An agent that takes its lines from the dialer. */
class DialingAgent extends Agent {
  readonly #dialer: Dialer;
  readonly #isSecure: boolean;

  constructor(dialer: Dialer, isSecure: boolean, keepAlive: boolean) {
    super({ keepAlive });
    this.#dialer = dialer;
    this.#isSecure = isSecure;
  }

  override isSecureEndpoint(): boolean {
    return this.#isSecure;
  }

  override connect(_request: http.ClientRequest, options: AgentConnectOpts): Promise<Socket> {
    return this.#dialer.dial(originOf(this.#isSecure, options.host ?? 'localhost', options.port));
  }
}

export function createNetwork(dialer: Dialer): Network {
  const agents = (keepAlive: boolean): Agents => ({
    plain: new DialingAgent(dialer, false, keepAlive),
    secure: new DialingAgent(dialer, true, keepAlive),
  });
  const single = agents(false);
  let dispatcher: Promise<{ fetch: typeof UndiciFetch; agent: Dispatcher }> | null = null;
  // Loaded when the first file moves: the start has no use for it.
  const load = async () => {
    const { Agent: UndiciAgent, fetch } = await import('undici');
    const agent = new UndiciAgent({
      connect({ hostname, port, protocol }, done) {
        dialer.dial(originOf(protocol === 'https:', hostname, port)).then(
          (socket) => done(null, socket),
          (thrown: unknown) => done(thrown instanceof Error ? thrown : new Error(String(thrown)), null),
        );
      },
    });
    return { fetch, agent };
  };

  return {
    agents: (keepAlive) => (keepAlive ? agents(true) : single),
    async fetch(url, init) {
      dispatcher ??= load();
      const { fetch, agent } = await dispatcher;
      return fetch(url, { ...init, dispatcher: agent });
    },
    renew() {
      const former = dispatcher;
      dispatcher = null;
      // What is under way goes on; nothing new starts on it.
      void former?.then(({ agent }) => agent.close()).catch(() => undefined);
    },
  };
}

function originOf(isSecure: boolean, host: string, port: string | number | null | undefined): string {
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const { origin } = new URL(`${isSecure ? 'https' : 'http'}://${name}${port ? `:${port}` : ''}`);
  return origin;
}
