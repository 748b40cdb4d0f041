import type { ServerInfo } from '#protocol/model/account';
import { useText } from './use-text.ts';

/** Gives a server in words that tell it from others. */
export function useServerPlace(): (server: ServerInfo) => string {
  const { t } = useText();
  return ({ embedded, origin }) => (embedded ? t('signIn.thisComputer') : origin.replace(/^https?:\/\//, ''));
}
