/// <reference types="vite/client" />
import type { MagpieBridge } from '#protocol/ipc';

declare global {
  interface Window {
    magpie: MagpieBridge;
  }
}

declare module '*.vue' {
  import type { DefineComponent } from 'vue';
  const component: DefineComponent<object, object, unknown>;
  export default component;
}
