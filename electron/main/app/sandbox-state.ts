export interface Start {
  platform: NodeJS.Platform;
  /** `APPIMAGE` as its runtime sets it. */
  appImage: string | undefined;
  /** Null where there are no user numbers. */
  user: number | null;
  /** `--no-sandbox` was given. */
  unprotected: boolean;
  /** The person has decided for good: `MAGPIE_NO_SANDBOX=1`. */
  accepted: boolean;
}

/**
 * Whether this AppImage runs without Chromium's sandbox though nobody asked for that: its launcher switches the sandbox off by
 * itself where the system forbids user namespaces, without a word. Packages of a system bring what the sandbox needs.
 */
export function lacksSandbox({ platform, appImage, user, unprotected, accepted }: Start): boolean {
  return platform === 'linux' && appImage !== undefined && user !== 0 && unprotected && !accepted;
}
