import type { UpdateProblem, UpdateRelease } from '#protocol/model/update';

/** Where releases come from. */
export interface Feed {
  /** Folder of `latest*.yml`, with a slash at its end. */
  url: string;
}

/** A newer version, and whether its metadata carries the signature of those who made this app. */
export interface FoundRelease extends UpdateRelease {
  signed: boolean;
}

/** What fetches and installs: electron-updater in the app, a stand-in in the tests of the rules around it. */
export interface Updater {
  /** A newer version than this one, or null. Throws {@link UpdateFailure}. */
  find(feed: Feed): Promise<FoundRelease | null>;
  /** Fetches and checks what was found last. Throws {@link UpdateFailure}; a checked file of an earlier run is used again. */
  download(
    onProgress: (progress: { done: number; total: number }) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** What was fetched is not wanted any more: it is not installed when the app ends either. */
  forget(): void;
  /** Installs what was downloaded, and ends the app, which starts again by itself. Throws {@link UpdateFailure}. */
  install(): Promise<void>;
}

/** Something that a person can be told in words. */
export class UpdateFailure extends Error {
  readonly problem: UpdateProblem;
  constructor(problem: UpdateProblem, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'UpdateFailure';
    this.problem = problem;
  }
}
