/**
 * Fetching and installing by electron-updater: parts of a file that are here already are not fetched again, checksums and (on
 * Windows and macOS) code signatures are checked. Loaded when it is needed first.
 */
import { app } from 'electron';
import type * as Exports from 'electron-updater';
import type { AppUpdater, ResolvedUpdateFileInfo, UpdateInfo } from 'electron-updater';
import type { ProviderRuntimeOptions } from 'electron-updater/out/providers/Provider';
import type { CustomPublishOptions } from 'builder-util-runtime';
import type { Network } from '../network/network.ts';
import type { Logger } from '../support/logger.ts';
import { packageType } from './ability.ts';
import { requestsThrough } from './network-requests.ts';
import { readMetadata } from './release-metadata.ts';
import { isSignedBy } from './signature.ts';
import { replaceProgram, startWatched } from './trial.ts';
import { installPackage } from './system-package.ts';
import { UpdateFailure, type Updater } from './updater.ts';

type Library = typeof Exports;

export interface ElectronUpdaterOptions {
  /** Public key of our releases; null where the app was built without one. */
  key: string | null;
  userData: string;
  /** A file for the settings of the library, which wants them on the disk. */
  configFile: string;
  logger: Logger;
  network: Pick<Network, 'agents'>;
  /** The app is about to be ended for an installation; or is not, because it came to nothing. */
  onEnding(isEnding: boolean): void;
  /** An installation that had begun came to nothing. */
  onInstallFailed(thrown: unknown): void;
}

/** @throws {UpdateFailure} when there is no way to update this kind of installation */
export async function openElectronUpdater(options: ElectronUpdaterOptions): Promise<Updater> {
  const { default: library } = (await import('electron-updater')) as unknown as { default: Library };
  const log = options.logger.module('updater');
  const updater = updaterFor(library, options);
  // The library keeps what makes its requests to itself.
  Object.assign(
    (updater as unknown as { httpExecutor: object }).httpExecutor,
    requestsThrough(options.network),
  );
  updater.logger = {
    info: (message?: unknown) => log.info('library', { said: String(message) }),
    warn: (message?: unknown) => log.warn('library', { said: String(message) }),
    error: (message?: unknown) => log.warn('library', { said: String(message) }),
  };
  updater.autoDownload = false;
  // Without a question an installation needs nobody's password.
  const type = systemPackage();
  const installsAtQuit = type === null;
  updater.autoInstallOnAppQuit = installsAtQuit;
  updater.allowDowngrade = false;
  updater.disableWebInstaller = true;
  updater.forceDevUpdateConfig = !app.isPackaged;
  updater.updateConfigPath = options.configFile;

  let found: { signed: boolean } = { signed: false };
  let failure: unknown = null;
  let installing = false;
  updater.on('error', (thrown) => {
    failure = thrown;
    if (!installing) return;
    options.onEnding(false);
    options.onInstallFailed(toFailure(thrown, 'not-installed'));
  });

  /** Reads `latest*.yml` and, where this app knows a key, demands the signature beside it. */
  class SignedFeed extends library.Provider<UpdateInfo> {
    readonly #folder: URL;
    constructor({ url }: { url: string }, _updater: AppUpdater, runtime: ProviderRuntimeOptions) {
      // Several ranges in one answer are more than most servers can give.
      super({ ...runtime, isUseMultipleRangeRequest: false });
      this.#folder = new URL(url);
    }
    /** The library would send an identifier of this installation with every request. */
    override setRequestHeaders(): void {}
    async getLatestVersion(): Promise<UpdateInfo> {
      const name = `${this.getDefaultChannelName()}.yml`;
      const text = (await this.httpRequest(new URL(name, this.#folder))) ?? '';
      if (options.key !== null) {
        const signature = await this.httpRequest(new URL(`${name}.sig`, this.#folder)).catch(() => null);
        if (signature === null || !isSignedBy(options.key, text, signature))
          throw new UpdateFailure('unsigned', 'the metadata carries no signature of ours');
      }
      found = { signed: options.key !== null };
      const { files, releaseNotes, ...release } = readMetadata(text);
      const [first] = files;
      return {
        ...release,
        files,
        releaseNotes: releaseNotes ?? null,
        path: first?.url ?? '',
        sha512: first?.sha512 ?? '',
      } as UpdateInfo;
    }
    resolveFiles(info: UpdateInfo): ResolvedUpdateFileInfo[] {
      return info.files.map((file) => ({
        url: new URL(encodeURIComponent(file.url), this.#folder),
        info: file,
      }));
    }
  }

  return {
    async find({ url }) {
      const feed: CustomPublishOptions = { provider: 'custom', updateProvider: SignedFeed as never, url };
      updater.setFeedURL(feed);
      try {
        const result = await updater.checkForUpdates();
        if (result === null || !result.isUpdateAvailable) return null;
        const { version, releaseNotes } = result.updateInfo;
        return { version, notes: typeof releaseNotes === 'string' ? releaseNotes : '', ...found };
      } catch (thrown) {
        throw toFailure(thrown, 'unreachable');
      }
    },
    async download(onProgress, signal) {
      const token = new library.CancellationToken();
      const cancel = () => token.cancel();
      signal.addEventListener('abort', cancel, { once: true });
      if (signal.aborted) cancel();
      const listener = ({ transferred, total }: { transferred: number; total: number }) =>
        onProgress({ done: transferred, total });
      updater.on('download-progress', listener);
      try {
        updater.autoInstallOnAppQuit = installsAtQuit && !signal.aborted;
        await updater.downloadUpdate(token);
      } catch (thrown) {
        throw toFailure(thrown, 'failed');
      } finally {
        updater.off('download-progress', listener);
        signal.removeEventListener('abort', cancel);
      }
    },
    forget() {
      updater.autoInstallOnAppQuit = false;
    },
    async install() {
      failure = null;
      if (type !== null) {
        const { file } = updater as unknown as DownloadedPackage;
        if (file === null) throw new UpdateFailure('failed', 'nothing was downloaded');
        await installPackage({ type, file, environment: process.env, isRoot: process.getuid?.() === 0 });
        options.onEnding(true);
        app.relaunch();
        app.quit();
        return;
      }
      options.onEnding(true);
      updater.quitAndInstall(true, true);
      if (failure !== null) {
        options.onEnding(false);
        throw toFailure(failure, 'not-installed');
      }
      installing = true;
    },
  };
}

/** The kind of system package that this program was installed by; an AppImage belongs to none, whatever started it. */
function systemPackage(): 'deb' | 'rpm' | null {
  return process.env['APPIMAGE'] === undefined ? packageType(process.resourcesPath) : null;
}

interface DownloadedPackage {
  /** Null before there is one. */
  readonly file: string | null;
}

function updaterFor(library: Library, { userData }: ElectronUpdaterOptions): AppUpdater {
  if (process.platform === 'win32') return new library.NsisUpdater();
  if (process.platform === 'darwin') return new library.MacUpdater();
  const type = systemPackage();
  if (type !== null) {
    const Base = (type === 'deb' ? library.DebUpdater : library.RpmUpdater) as typeof library.DebUpdater;
    /** Only fetches: see system-package.ts. */
    class PackageUpdater extends Base implements DownloadedPackage {
      get file(): string | null {
        return this.downloadedUpdateHelper?.file ?? null;
      }
    }
    return new PackageUpdater();
  }

  /** Keeps the former file and watches over the start of the new one; the person's name for the file stays. */
  class WatchedAppImageUpdater extends library.AppImageUpdater {
    protected override doInstall({ isForceRunAfter }: { isForceRunAfter: boolean }): boolean {
      const program = process.env['APPIMAGE'];
      const { installerPath } = this;
      const version = this.updateInfoAndProvider?.info.version;
      if (program === undefined || installerPath === null || version === undefined)
        throw new UpdateFailure('failed', 'nothing was downloaded');
      replaceProgram(userData, program, installerPath, version);
      if (isForceRunAfter) startWatched(userData, program, version);
      return true;
    }
  }
  return new WatchedAppImageUpdater();
}

const BY_CODE: Record<string, UpdateFailure['problem']> = {
  ERR_CHECKSUM_MISMATCH: 'corrupt',
  ERR_UPDATER_INVALID_UPDATE_INFO: 'corrupt',
  ERR_UPDATER_NO_CHECKSUM: 'corrupt',
  ERR_UPDATER_INVALID_SIGNATURE: 'unsigned',
  ENOSPC: 'no-space',
  EACCES: 'not-writable',
  EPERM: 'not-writable',
  EROFS: 'not-writable',
};

function toFailure(thrown: unknown, otherwise: UpdateFailure['problem']): UpdateFailure {
  if (thrown instanceof UpdateFailure) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : '';
  const isNetwork =
    /^net::|ECONN|ENOTFOUND|ETIMEDOUT|socket hang up|aborted/u.test(message) || code.startsWith('HTTP_ERROR');
  return new UpdateFailure(BY_CODE[code] ?? (isNetwork ? 'unreachable' : otherwise), message, thrown);
}
