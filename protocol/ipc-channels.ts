/** Bare channel names for the preload, without the schemas. The types make this list equal to the map in `ipc.ts`. */
import type { EventChannel, InvokeChannel } from './ipc.ts';

const invokeChannels: Record<InvokeChannel, true> = {
  'app:get-snapshot': true,
  'app:open-external': true,
  'app:copy-text': true,
  'settings:update': true,
  'server:use-this-computer': true,
  'server:connect': true,
  'server:leave': true,
  'session:sign-in': true,
  'session:register': true,
  'session:enter-as-guest': true,
  'session:sign-out': true,
  'session:acknowledge-end': true,
  'connection:reconnect': true,
  'conversations:list': true,
  'conversations:open-single': true,
  'conversations:set-active': true,
  'conversations:save-draft': true,
  'conversations:set-switch': true,
  'conversations:hide': true,
  'conversations:clear': true,
  'conversations:completeness': true,
  'conversations:check': true,
  'conversations:cancel-check': true,
  'conversations:export': true,
  'conversations:cancel-export': true,
  'conversations:mark-unread': true,
  'conversations:set-typing': true,
  'messages:page': true,
  'messages:send-text': true,
  'messages:retry': true,
  'messages:delete': true,
  'messages:recall': true,
  'contacts:list': true,
  'contacts:search': true,
  'contacts:apply': true,
  'contacts:list-applications': true,
  'contacts:handle-application': true,
};

const eventChannels: Record<EventChannel, true> = {
  'session:changed': true,
  'connection:changed': true,
  'server:changed': true,
  'settings:changed': true,
  'history:changed': true,
  'contacts:changed': true,
  'typing:changed': true,
  'presence:changed': true,
  'check:progressed': true,
  'export:progressed': true,
  'notice:posted': true,
};

export const INVOKE_CHANNELS: ReadonlySet<string> = new Set(Object.keys(invokeChannels));
export const EVENT_CHANNELS: ReadonlySet<string> = new Set(Object.keys(eventChannels));
