/** Runs in the sandbox beside the page: hands it functions that know the channels of the map and nothing else. */
import { contextBridge, ipcRenderer, webUtils, type IpcRendererEvent } from 'electron';
import { EVENT_CHANNELS, INVOKE_CHANNELS } from '#protocol/ipc-channels';

/** Of the folder that was dropped, or of the one that was picked, from which the page has files only. */
function folderOf(file: File): string {
  const path = webUtils.getPathForFile(file);
  const inside = file.webkitRelativePath;
  return inside === '' ? path : path.slice(0, path.length - inside.length + inside.indexOf('/'));
}

contextBridge.exposeInMainWorld('magpie', {
  invoke(channel: string, input?: unknown, account?: string | null): Promise<unknown> {
    if (!INVOKE_CHANNELS.has(channel)) return Promise.reject(new Error('Unknown channel'));
    return ipcRenderer.invoke(channel, input, account);
  },
  async stage(file: File, id: string, account?: string | null): Promise<unknown> {
    // Empty for what was pasted or made in the page. A page can make no File that has a path.
    const path = webUtils.getPathForFile(file);
    const source =
      path === '' ? { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) } : { path };
    return ipcRenderer.invoke('media:stage', { id, mime: file.type, source }, account);
  },
  async stageFolder(folder: File, id: string, account?: string | null): Promise<unknown> {
    const source = { folder: folderOf(folder) };
    return ipcRenderer.invoke('media:stage', { id, mime: '', source }, account);
  },
  on(channel: string, listener: (payload: unknown) => void): () => void {
    if (!EVENT_CHANNELS.has(channel)) throw new Error('Unknown channel');
    // The event object would give the page a way to answer by itself: it stays here.
    const forward = (_event: IpcRendererEvent, payload: unknown) => listener(payload);
    ipcRenderer.on(channel, forward);
    return () => void ipcRenderer.removeListener(channel, forward);
  },
});
