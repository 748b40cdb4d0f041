/**
 * Names of notifications for Windows, which keeps them in its notification centre, also beyond the end of the app, and then
 * tells by their names alone which one was clicked.
 */
import { isPlace, type Place } from './places.ts';

/** Windows takes no longer ones. */
const LONGEST = 64;
/** Between the parts: what stands in the arguments of a toast must mean nothing there. */
const JOINT = '.';
const FORM = /^([0-9a-f]{32})\.([a-z]+)\.(\w+)\.\w+$/u;

export interface ToastIds {
  /** For one showing of what is kept under a key; empty (let the system find one) where the key cannot be in it. */
  next(key: string): string;
  /** The conversation that it stands for; null for anything else. */
  keyOf(id: string): Place | null;
  /** False when something was done about this one before. */
  answer(id: string): boolean;
}

/** @param run tells the names of this run of the app from those of earlier ones */
export function createToastIds(run: string = Date.now().toString(36)): ToastIds {
  const answered = new Set<string>();
  let count = 0;
  return {
    next(key) {
      count += 1;
      const id = [key.replace(/[/:]/gu, JOINT), `${run}${count.toString(36)}`].join(JOINT);
      return id.length <= LONGEST && this.keyOf(id) === key ? id : '';
    },
    keyOf(id) {
      const [, account = '', kind = '', rest = ''] = FORM.exec(id) ?? [];
      const place = `${account}/${kind}:${rest}`;
      return isPlace(place) ? place : null;
    },
    answer(id) {
      if (id === '') return true;
      if (answered.has(id)) return false;
      answered.add(id);
      return true;
    },
  };
}
