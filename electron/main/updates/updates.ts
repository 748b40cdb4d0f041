/** The rules of updating: when to look and where, what happens by itself and what needs the person's yes. */
import type {
  InstallAnswer,
  UpdateAbility,
  UpdateProblem,
  UpdateSource,
  UpdateState,
} from '#protocol/model/update';
import { UPDATES_PATH } from '#protocol/wire/updates';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import { UpdateFailure, type FoundRelease, type Updater } from './updater.ts';

/** After the start: the first minute belongs to the person. */
const FIRST_LOOK = 60_000;
const LOOK_EVERY = 4 * 3_600_000;
/** Progress is told this often, milliseconds. */
const PROGRESS_EVERY = 200;

export interface UpdatesOptions {
  ability: UpdateAbility;
  /** A version that was installed and did not start, if any. */
  takenBack: string | null;
  clock: Clock;
  logger: Logger;
  settings(): { updateSource: UpdateSource; updateAddress: string };
  /** Origin of the server on screen; null without one. */
  server(): string | null;
  /** Whether that server has a release to hand out. Throws when it cannot be asked. */
  offers(origin: string): Promise<boolean>;
  /** Where releases are when the server has none; null for nowhere. */
  packagedFeed: string | null;
  /** Made when it is needed first: it is much code, and most starts need none of it. */
  updater(): Promise<Updater>;
  /** Messages and files on their way to their servers, over all accounts. */
  unsent(): Promise<number>;
  onState(state: UpdateState): void;
}

export type Updates = ReturnType<typeof createUpdates>;

/** Looks for newer versions in the background from now on; nothing of it ever throws. */
export function createUpdates(options: UpdatesOptions) {
  const { clock, ability } = options;
  const log = options.logger.module('updates');
  let state: UpdateState = {
    ability,
    phase: 'idle',
    source: null,
    release: null,
    progress: null,
    checkedAt: null,
    problem: null,
    takenBack: options.takenBack,
  };
  let running: Promise<void> | null = null;
  let cancelNext: (() => void) | null = null;
  let closed = false;
  /** Ends what was begun for a source that is not the one of the settings any more. */
  let source = new AbortController();

  const become = (part: Partial<UpdateState>) => {
    const before = state;
    state = { ...state, ...part };
    if (before.phase !== state.phase || before.problem !== state.problem)
      log.info(state.phase, { problem: state.problem, version: state.release?.version });
    options.onState(state);
  };

  /** The feed of the settings as they are; null when there is none. */
  const feed = async (): Promise<string | null> => {
    const { updateSource, updateAddress } = options.settings();
    if (updateSource === 'own') return updateAddress === '' ? null : withSlash(updateAddress);
    if (updateSource === 'off') return null;
    const origin = options.server();
    if (origin !== null && (await options.offers(origin))) return origin + UPDATES_PATH;
    return options.packagedFeed === null ? null : withSlash(options.packagedFeed);
  };

  const failed = (thrown: unknown, phase: UpdateState['phase']) => {
    const problem: UpdateProblem = thrown instanceof UpdateFailure ? thrown.problem : 'failed';
    log.warn('failed', { problem, reason: thrown instanceof Error ? thrown.message : String(thrown) });
    become({ phase, problem, progress: null });
  };

  const download = async () => {
    const { signal } = source;
    become({ phase: 'downloading', problem: null, progress: { done: 0, total: 0 } });
    let toldAt = -PROGRESS_EVERY;
    try {
      await (
        await options.updater()
      ).download((progress) => {
        if (signal.aborted || clock.uptime() - toldAt < PROGRESS_EVERY) return;
        toldAt = clock.uptime();
        become({ progress });
      }, signal);
      if (!signal.aborted) become({ phase: 'ready', progress: null });
    } catch (thrown) {
      if (!signal.aborted) failed(thrown, 'offered');
    }
  };

  /** Whether the release may come without a question. Bytes that anybody could have made run only if a person wants them to. */
  const comesByItself = (release: FoundRelease): boolean =>
    ability === 'itself' &&
    release.version !== state.takenBack &&
    (release.signed || options.settings().updateSource === 'own');

  const look = async () => {
    const { signal } = source;
    become({ phase: 'checking', problem: null });
    try {
      const url = await feed();
      if (signal.aborted) return;
      become({ source: url });
      if (url === null) return become({ phase: 'idle', release: null });
      const found = await (await options.updater()).find({ url });
      if (signal.aborted) return;
      const checkedAt = clock.now();
      if (found === null) return become({ phase: 'idle', release: null, checkedAt });
      const { signed, ...release } = found;
      if (!signed && !isProtected(url)) {
        log.warn('unprotected');
        return become({ phase: 'idle', release: null, checkedAt, problem: 'unprotected' });
      }
      const problem = release.version === state.takenBack ? 'did-not-start' : null;
      become({ phase: 'offered', release, checkedAt, problem });
      if (comesByItself(found)) await download();
    } catch (thrown) {
      if (!signal.aborted) failed(thrown, 'idle');
    }
  };

  /** One thing at a time; whoever asks meanwhile gets the same. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    running ??= work().finally(() => {
      running = null;
    });
    return running;
  };
  const lookLater = (delay: number) => {
    cancelNext?.();
    if (ability === 'none' || closed) return;
    cancelNext = clock.after(delay, () => {
      lookLater(LOOK_EVERY);
      // What is ready stays ready: it is a newer version than this one already.
      const lookIfIdle = () => {
        if (!closed && (state.phase === 'idle' || state.phase === 'offered')) void inTurn(look);
      };
      // What an earlier source is still doing comes to nothing, but it must have ended.
      if (running === null) lookIfIdle();
      else void running.then(lookIfIdle);
    });
  };
  lookLater(FIRST_LOOK);

  const startAnew = () => {
    source.abort();
    source = new AbortController();
    become({ phase: 'idle', release: null, problem: null, source: null, progress: null });
    lookLater(ability === 'none' ? LOOK_EVERY : 2_000);
  };

  return {
    get state(): UpdateState {
      return state;
    },
    /** The person wants to know now. Resolves when that is known, and what is fetched by itself is here. */
    async check(): Promise<UpdateState> {
      if (ability !== 'none' && state.phase !== 'ready' && state.phase !== 'installing') await inTurn(look);
      return state;
    },
    /** The person wants what is offered. */
    async download(): Promise<UpdateState> {
      if (state.phase === 'offered' && ability !== 'elsewhere') await inTurn(download);
      return state;
    },
    /** Ends the app and starts the new version, unless something is still being sent and `anyway` does not say so. */
    async install(anyway: boolean): Promise<InstallAnswer> {
      if (state.phase !== 'ready') return { begins: false, waiting: 0 };
      const waiting = anyway ? 0 : await options.unsent();
      if (waiting > 0) return { begins: false, waiting };
      become({ phase: 'installing', problem: null });
      try {
        await (await options.updater()).install();
      } catch (thrown) {
        failed(thrown, 'ready');
        return { begins: false, waiting: 0 };
      }
      return { begins: true };
    },
    /** Electron-updater found out later that it could not install. */
    installFailed(thrown: unknown): void {
      if (state.phase === 'installing') failed(thrown, 'ready');
    },
    /** The person has chosen another source: what the former one gave is not wanted any more. */
    sourceChanged(): void {
      if (state.phase === 'installing') return;
      const wasFetched = state.phase === 'downloading' || state.phase === 'ready';
      startAnew();
      if (wasFetched)
        options.updater().then(
          (updater) => updater.forget(),
          (thrown: unknown) => log.error('not-forgotten', thrown),
        );
    },
    /** Another server is on screen: what the former one offers is not its affair. What is fetched or here already stays. */
    serverChanged(): void {
      if (options.settings().updateSource !== 'server' || state.source === null) return;
      if (state.phase === 'idle' || state.phase === 'checking' || state.phase === 'offered') startAnew();
    },
    close(): void {
      closed = true;
      cancelNext?.();
    },
  };
}

function withSlash(address: string): string {
  return address.endsWith('/') ? address : `${address}/`;
}

/** Nobody on the way can change what comes from there. */
export function isProtected(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || /^(localhost|127(\.\d+){3}|\[::1\])$/u.test(hostname);
}
