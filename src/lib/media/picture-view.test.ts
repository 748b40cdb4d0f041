import { describe, expect, test } from 'vitest';
import { fittingScale, keptInRoom, offsetAround } from './picture-view.ts';

const ROOM = { width: 1000, height: 500 };

describe('a picture in the viewer', () => {
  test('is seen as a whole, however it is turned, and is never enlarged by that', () => {
    const wide = { width: 2000, height: 500 };
    expect(fittingScale(wide, ROOM, 0)).toBe(0.5);
    expect(fittingScale(wide, ROOM, 90)).toBe(0.25);
    expect(fittingScale(wide, ROOM, 180)).toBe(0.5);
    expect(fittingScale(wide, ROOM, 450)).toBe(0.25);
    expect(fittingScale({ width: 60, height: 40 }, ROOM, 90)).toBe(1);
    expect(fittingScale({ width: 0, height: 0 }, ROOM, 0), 'not loaded yet').toBe(1);
  });

  test('cannot be pulled out of the room: its edge stops at that of the room', () => {
    const picture = { width: 1000, height: 500 };
    const pulled = { zoom: 3, turn: 0, offset: { x: 5000, y: -5000 } };
    expect(keptInRoom(pulled, picture, ROOM)).toEqual({ x: 1000, y: -500 });
    const little = { ...pulled, offset: { x: 10, y: 20 } };
    expect(keptInRoom(little, picture, ROOM)).toEqual({ x: 10, y: 20 });
  });

  test('stays in the middle where it is narrower than the room', () => {
    const column = { width: 100, height: 2000 };
    const view = { zoom: 2, turn: 0, offset: { x: 300, y: 300 } };
    expect(keptInRoom(view, column, ROOM)).toEqual({ x: 0, y: 250 });
    // Turned, it is wide: 1000 × 50 in the room, twice as large now.
    expect(keptInRoom({ ...view, turn: 90 }, column, ROOM)).toEqual({ x: 300, y: 0 });
  });

  test('keeps what is under the pointer there while it grows', () => {
    const view = { zoom: 1, turn: 0, offset: { x: 0, y: 0 } };
    const at = { x: 100, y: -50 };
    const offset = offsetAround(at, view, 4);
    // A point of the picture is at offset + point * zoom.
    expect({ x: offset.x + at.x * 4, y: offset.y + at.y * 4 }).toEqual(at);
  });
});
