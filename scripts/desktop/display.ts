import { connect, type NetConnectOpts } from 'node:net';
import { isAbsolute, join } from 'node:path';

/** A display that does not answer within this time (milliseconds) is taken as gone. */
const answerLimitMs = 2_000;
const firstX11Port = 6000;

/**
 * Where an X11 display name leads.
 *
 * @returns addresses to try in turn; none if the name is not one
 */
export function x11Addresses(display: string): NetConnectOpts[] {
  const match = /^(?:(?<protocol>unix|tcp)\/)?(?<host>[^:]*):(?<number>\d+)(?:\.\d+)?$/.exec(display);
  if (!match?.groups) return [];
  const { host = '', number = '0' } = match.groups;
  if (host !== '' && host !== 'unix') return [{ host, port: firstX11Port + Number(number) }];
  const socket = `/tmp/.X11-unix/X${number}`;
  // Some servers listen only on the abstract socket of the same name.
  return [{ path: socket }, { path: `\0${socket}` }];
}

/** Whether this session has a screen to show windows on. macOS and Windows always have one. */
export async function hasDisplay(environment: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const { DISPLAY, WAYLAND_DISPLAY, XDG_RUNTIME_DIR } = environment;
  const candidates = DISPLAY ? x11Addresses(DISPLAY) : [];
  if (WAYLAND_DISPLAY) {
    const path = isAbsolute(WAYLAND_DISPLAY)
      ? WAYLAND_DISPLAY
      : join(XDG_RUNTIME_DIR ?? '/', WAYLAND_DISPLAY);
    candidates.push({ path });
  }
  for (const candidate of candidates) if (await answers(candidate)) return true;
  return false;
}

function answers(address: NetConnectOpts): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(answerLimitMs, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
