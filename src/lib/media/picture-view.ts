/** How a picture stands in the room of the viewer: turned, enlarged, pulled aside. Pixels and degrees. */

export interface Size {
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

export interface View {
  /** 1: as large as the room takes it. */
  zoom: number;
  turn: number;
  /** From the middle of the room to that of the picture. */
  offset: Point;
}

/** Room that a picture takes when it is turned by quarters. */
function turned({ width, height }: Size, turn: number): Size {
  return Math.abs(turn / 90) % 2 === 1 ? { width: height, height: width } : { width, height };
}

/** Scale in which a picture is seen as a whole; small ones stay as they are. */
export function fittingScale(picture: Size, room: Size, turn: number): number {
  const { width, height } = turned(picture, turn);
  if (width <= 0 || height <= 0) return 1;
  return Math.min(1, room.width / width, room.height / height);
}

/** Its edge is not pulled further in than that of the room; what is narrower than the room stays in the middle. */
export function keptInRoom({ zoom, turn, offset }: View, picture: Size, room: Size): Point {
  const scale = fittingScale(picture, room, turn) * zoom;
  const shown = turned(picture, turn);
  const keep = (at: number, length: number, space: number): number => {
    const most = Math.max(0, (length * scale - space) / 2);
    return Math.min(most, Math.max(-most, at));
  };
  return {
    x: keep(offset.x, shown.width, room.width),
    y: keep(offset.y, shown.height, room.height),
  };
}

/** The offset with which what is at this place of the room, seen from its middle, stays there. */
export function offsetAround(at: Point, { zoom, offset }: View, next: number): Point {
  const scale = next / zoom;
  return { x: at.x - (at.x - offset.x) * scale, y: at.y - (at.y - offset.y) * scale };
}
