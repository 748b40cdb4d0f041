/** As much of the format of SQLite's write-ahead log as it takes to see where its transactions end. */
export const LOG_HEADER = 32;
export const FRAME_HEADER = 24;

/** The log is begun anew after each checkpoint, under other salts; frames of an older one may lie behind its end. */
export interface Generation {
  salts: string;
  /** Bytes of a frame with its header. */
  frame: number;
}

export const generationOf = (header: Buffer): Generation => ({
  salts: header.toString('hex', 16, 24),
  frame: FRAME_HEADER + header.readUInt32BE(8),
});
export const belongsTo = (frame: Buffer, { salts }: Generation) => frame.toString('hex', 8, 16) === salts;
/** The last frame of a transaction tells the size of the database. */
export const endsTransaction = (frame: Buffer) => frame.readUInt32BE(4) !== 0;
