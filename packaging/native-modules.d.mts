/** An entry of package-lock.json, as far as it is read here. */
export interface Locked {
  version?: string;
  integrity?: string;
  dev?: boolean;
  os?: string[];
  cpu?: string[];
  optionalDependencies?: Record<string, string>;
}
export interface Machine {
  platform: string;
  arch: string;
}
/** A native module of a packed app: where it lies below the app's code, and for which machines it is (`linux-x64`). */
export interface NativeFile {
  path: string;
  machines: readonly string[];
}
export function nativeFamilies(packages: Record<string, Locked>): Map<string, string[]>;
export function neededFor(
  packages: Record<string, Locked>,
  machine: Machine,
): { needed: string[]; problems: string[] };
export function problemsOf(
  packages: Record<string, Locked>,
  files: readonly NativeFile[],
  machines: readonly Machine[],
): string[];
export function lockedPackages(): Record<string, Locked>;
export function nativeFilesIn(resources: string): NativeFile[];
export function machinesOf(bytes: Buffer): string[];
