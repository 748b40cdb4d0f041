/** Puts pictures into the rows of a grid, month by month. */
import type { Message } from '#protocol/model/message';

export type GalleryRow =
  | { kind: 'month'; key: string; time: number }
  | { kind: 'pictures'; key: string; messages: readonly Message[] };

/**
 * @param messages ascending, as in the conversation
 * @returns newest first, in rows of at most `columns`; a month begins a row
 */
export function galleryRows(messages: readonly Message[], columns: number): GalleryRow[] {
  const rows: GalleryRow[] = [];
  let month = '';
  let row: Message[] = [];
  for (const message of messages.toReversed()) {
    const date = new Date(message.createdAt);
    const its = `${date.getFullYear()}-${date.getMonth()}`;
    if (its !== month) {
      month = its;
      row = [];
      // Clocks of servers jump: a month may come twice, its rows are still two.
      rows.push({ kind: 'month', key: `month ${message.id}`, time: message.createdAt });
    }
    if (row.length === 0 || row.length === columns) {
      row = [];
      rows.push({ kind: 'pictures', key: message.id, messages: row });
    }
    row.push(message);
  }
  return rows;
}
