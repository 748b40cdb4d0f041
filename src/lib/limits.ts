/**
 * Bounds that the window checks itself. The values repeat the contract instead of importing it, because the map of
 * calls brings the whole schema library into the bundle; a unit test keeps them equal.
 */
export const MAX_MESSAGE_LENGTH = 20_000;
export const MAX_DRAFT_LENGTH = 200_000;
export const USERNAME_LENGTH = { min: 4, max: 20 } as const;
export const PASSWORD_LENGTH = { min: 6, max: 20 } as const;
export const LIST_WIDTH = { min: 264, max: 360 } as const;
export const MAX_APPLICATION_MESSAGE = 50;
export const MAX_ALIAS = 50;
export const MAX_NICKNAME = 30;
/** Conversations that one message can be sent on to at once. */
export const MOST_FORWARDS = 50;
/** Below this window width the list column shrinks to avatars. */
export const NARROW_WIDTH = 860;
