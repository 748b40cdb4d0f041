import {
  QUIET_NETWORK,
  startVirtualDesktop,
  type VirtualDesktop,
} from '../../../scripts/desktop/virtual-desktop.ts';

/** Where a test's programs appear. */
export interface DesktopSession extends Pick<VirtualDesktop, 'env' | 'stop'> {
  /** Nobody sees it, and nothing of the machine's own session or user is touched. */
  virtual: boolean;
}

/**
 * On Linux, starts a desktop of the tests' own: they behave the same with and without a screen, and do not take the
 * keyboard from the person at it. Elsewhere it is the desktop that there is.
 */
export async function startDesktopSession(): Promise<DesktopSession> {
  if (process.platform !== 'linux')
    return { env: { ...process.env, ...QUIET_NETWORK }, virtual: false, stop: async () => undefined };
  return { ...(await startVirtualDesktop({ privateHome: true })), virtual: true };
}
