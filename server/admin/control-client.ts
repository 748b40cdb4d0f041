/** How the command line asks the server that runs on a data folder. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { readControl } from './control-file.ts';
import type { Control } from './control-file.ts';

/** @throws when no server has said where it listens */
export function controlOf(dataDirectory: string): Control {
  const control = readControl(dataDirectory);
  if (control === undefined) {
    throw new Error('the server on this data folder is starting or stopping; try again in a moment');
  }
  return control;
}

/** POSTs JSON and gives the JSON of the answer. The certificate is the one that the control file names, or none is sent a word. */
export function askControl(control: Control, path: string, body: unknown): Promise<unknown> {
  const url = new URL(path, control.origin);
  const text = JSON.stringify(body);
  const options = {
    method: 'POST',
    timeout: 30_000,
    headers: {
      authorization: `Bearer ${control.token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    },
  };
  return new Promise((resolve, reject) => {
    const request =
      url.protocol === 'https:'
        ? // eslint-disable-next-line electron-security/no-weak-options -- judged below, by the fingerprint alone and before a word is sent
          httpsRequest(url, { ...options, agent: false, rejectUnauthorized: false })
        : httpRequest(url, { ...options, agent: false });
    request.once('error', reject);
    request.once('timeout', () => request.destroy(new Error('the server gives no answer')));
    request.once('response', (response) => {
      let answer = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (answer += chunk));
      response.once('error', reject);
      response.once('end', () => {
        try {
          resolve(JSON.parse(answer));
        } catch (error) {
          reject(new Error('the server gave no proper answer', { cause: error }));
        }
      });
    });
    request.once('socket', (socket) => {
      if (url.protocol !== 'https:') return void request.end(text);
      socket.once('secureConnect', () => {
        // The token is sent only after this: whoever took the port in between has another certificate.
        const found = (socket as TLSSocket).getPeerCertificate().fingerprint256;
        if (found === control.fingerprint) request.end(text);
        else request.destroy(new Error('another server listens where the control file says'));
      });
    });
  });
}
