/** Runs in the sandbox beside the page: hands it two functions that know the channels of the map and nothing else. */
import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron';
import { EVENT_CHANNELS, INVOKE_CHANNELS } from '#protocol/ipc-channels';

contextBridge.exposeInMainWorld('magpie', {
  invoke(channel: string, input?: unknown): Promise<unknown> {
    if (!INVOKE_CHANNELS.has(channel)) return Promise.reject(new Error('Unknown channel'));
    return ipcRenderer.invoke(channel, input);
  },
  on(channel: string, listener: (payload: unknown) => void): () => void {
    if (!EVENT_CHANNELS.has(channel)) throw new Error('Unknown channel');
    // The event object would give the page a way to answer by itself: it stays here.
    const forward = (_event: IpcRendererEvent, payload: unknown) => listener(payload);
    ipcRenderer.on(channel, forward);
    return () => void ipcRenderer.removeListener(channel, forward);
  },
});
