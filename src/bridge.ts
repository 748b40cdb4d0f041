/** The window's only way out. Nothing else in `src` names `window.magpie`. */
import type {
  EventChannel,
  Events,
  InvokeChannel,
  InvokeInput,
  InvokeResult,
  MagpieBridge,
  StagedFile,
} from '#protocol/ipc';
import { MagpieError } from '#protocol/errors';

type Input<Channel extends InvokeChannel> =
  InvokeInput<Channel> extends undefined ? [] : [InvokeInput<Channel>];

function bridge(): MagpieBridge {
  return window.magpie;
}

/** Whose data the window shows; null for nobody, undefined before it is known. */
let account: string | null | undefined;

/** From now on calls are about this account. One that reaches main when another one is on screen there is refused. */
export function speakFor(key: string | null): void {
  account = key;
}

/** Calls main; a refusal comes back as a thrown {@link MagpieError} with its code and details. */
export async function call<Channel extends InvokeChannel>(
  channel: Channel,
  ...input: Input<Channel>
): Promise<InvokeResult<Channel>> {
  const outcome = await bridge().invoke(channel, input[0], account);
  if (outcome.ok) return outcome.value;
  throw new MagpieError(outcome.error.code, outcome.error.message, outcome.error.details);
}

/** Keeps a file for sending; `id` is a UUID under which the message will name it. */
export async function stage(file: File, id: string): Promise<StagedFile> {
  const outcome = await bridge().stage(file, id, account);
  if (outcome.ok) return outcome.value;
  throw new MagpieError(outcome.error.code, outcome.error.message, outcome.error.details);
}

/** Keeps a folder as an archive. */
export async function stageFolder(folder: File, id: string): Promise<StagedFile> {
  const outcome = await bridge().stageFolder(folder, id, account);
  if (outcome.ok) return outcome.value;
  throw new MagpieError(outcome.error.code, outcome.error.message, outcome.error.details);
}

/** Gives the function that ends the subscription. */
export function listen<Channel extends EventChannel>(
  channel: Channel,
  listener: (payload: Events[Channel]) => void,
): () => void {
  return bridge().on(channel, listener);
}
