import type { LocaleMessages } from '../texts.ts';
import { chat } from './chat.ts';
import { entrance } from './entrance.ts';
import { general } from './general.ts';
import { media } from './media.ts';
import { network } from './network.ts';
import { people } from './people.ts';
import { settings } from './settings.ts';

export const en: LocaleMessages = {
  ...general,
  ...entrance,
  ...chat,
  ...media,
  ...people,
  ...settings,
  ...network,
};
