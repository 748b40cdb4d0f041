/** The window's only way out. Nothing else in `src` names `window.magpie`. */
import type {
  EventChannel,
  Events,
  InvokeChannel,
  InvokeInput,
  InvokeResult,
  MagpieBridge,
} from '#protocol/ipc';
import { MagpieError } from '#protocol/errors';

type Input<Channel extends InvokeChannel> =
  InvokeInput<Channel> extends undefined ? [] : [InvokeInput<Channel>];

function bridge(): MagpieBridge {
  return window.magpie;
}

/** Calls main; a refusal comes back as a thrown {@link MagpieError} with its code and details. */
export async function call<Channel extends InvokeChannel>(
  channel: Channel,
  ...input: Input<Channel>
): Promise<InvokeResult<Channel>> {
  const outcome = await bridge().invoke(channel, ...input);
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
