/**
 * Requests of the update library by the app's one way out: the same proxies, the same certificates. By itself the library
 * would use a session of Chromium, which knows neither what the person set nor what they trust.
 */
import http from 'node:http';
import https from 'node:https';
import type { Network } from '../network/network.ts';

/** As `builder-util-runtime` makes requests and follows redirects. */
interface RequestMaker {
  createRequest(
    options: http.RequestOptions,
    callback: (response: http.IncomingMessage) => void,
  ): http.ClientRequest;
  /** Chromium follows redirects and has to be asked not to; Node never does, and the library follows them itself. */
  addRedirectHandlers(): void;
}

export function requestsThrough(network: Pick<Network, 'agents'>): RequestMaker {
  return {
    createRequest(options, callback) {
      const { plain, secure } = network.agents(false);
      return options.protocol === 'http:'
        ? http.request({ ...options, agent: plain }, callback)
        : https.request({ ...options, agent: secure }, callback);
    },
    addRedirectHandlers: () => undefined,
  };
}
