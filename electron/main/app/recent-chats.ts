/** The last conversations in the menus that a system has for an app: the dock's on macOS, the taskbar's on Windows. */
import type { JumpListCategory, MenuItemConstructorOptions } from 'electron';
import { isPlace, type Place } from '../desktop/places.ts';

export interface RecentChat {
  place: Place;
  name: string;
}

const ARGUMENT = '--open-chat=';
/** More than that nobody looks through, and Windows shows no more by default. */
export const MOST_RECENT_CHATS = 8;
const NAME_LIMIT = 60;

/** The conversation that a start of the app was asked for, or null. Only our own menus ask so: a link cannot. */
export function placeIn(argv: readonly string[]): Place | null {
  const argument = argv.find((one) => one.startsWith(ARGUMENT));
  if (argument === undefined) return null;
  const place = argument.slice(ARGUMENT.length);
  return isPlace(place) ? place : null;
}

const short = (name: string): string => {
  const characters = [...name.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ').trim()];
  return characters.length > NAME_LIMIT
    ? `${characters.slice(0, NAME_LIMIT).join('')}…`
    : characters.join('');
};

/** The dock's menu; the system adds windows and "quit" itself. */
export function dockMenu(
  chats: readonly RecentChat[],
  actions: { open(place: Place): void },
): MenuItemConstructorOptions[] {
  return chats
    .slice(0, MOST_RECENT_CHATS)
    .map(({ place, name }) => ({ label: short(name), click: () => actions.open(place) }));
}

/** The taskbar's list. Windows refuses entries without a name, and starts `program` for what is chosen. */
export function jumpList(
  chats: readonly RecentChat[],
  options: { program: string; title: string },
): JumpListCategory[] {
  const items = chats
    .filter(({ name }) => short(name) !== '')
    .slice(0, MOST_RECENT_CHATS)
    .map(({ place, name }) => ({
      type: 'task' as const,
      title: short(name),
      description: short(name),
      program: options.program,
      args: `"${ARGUMENT}${place}"`,
      iconPath: options.program,
      iconIndex: 0,
    }));
  return items.length === 0 ? [] : [{ type: 'custom', name: options.title, items }];
}
