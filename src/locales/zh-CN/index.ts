import { chat } from './chat.ts';
import { entrance } from './entrance.ts';
import { general } from './general.ts';
import { media } from './media.ts';
import { network } from './network.ts';
import { people } from './people.ts';
import { settings } from './settings.ts';

/** The source locale: its shape is the shape of every other one, so a missing key is a type error. */
export const zhCN = {
  ...general,
  ...entrance,
  ...chat,
  ...media,
  ...people,
  ...settings,
  ...network,
} as const;
