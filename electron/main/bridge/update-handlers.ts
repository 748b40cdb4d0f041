import type { InvokeChannel } from '#protocol/ipc';
import type { Updates } from '../updates/updates.ts';
import type { Handlers } from './dispatch.ts';

type UpdateChannel = Extract<InvokeChannel, `updates:${string}`>;

/** Calls of the window about newer versions of the app. */
export function createUpdateHandlers(updates: Updates): Pick<Handlers, UpdateChannel> {
  return {
    'updates:get': () => updates.state,
    'updates:check': () => updates.check(),
    'updates:download': () => updates.download(),
    'updates:install': ({ anyway }) => updates.install(anyway),
  };
}
