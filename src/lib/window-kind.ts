/** True in a conversation's own window; false in the main one. The address says so from the start and never changes. */
export const isChatWindow: boolean = globalThis.location?.hash.startsWith('#/window/') ?? false;
