/** What people chose to send, or spoke, and have not sent. */
import { z } from 'zod';
import { createKeptFiles } from './kept-files.ts';
import type { SealedFiles } from './sealed-files.ts';

const trayItem = z.object({ file: z.string(), asFile: z.boolean(), original: z.boolean() });
const recording = z.object({ file: z.string(), duration: z.number(), waveform: z.array(z.number()) });

/** Files that lie above the field, in their order. */
export const createTrays = (path: string, sealed: SealedFiles) => createKeptFiles(path, sealed, trayItem);

/** What was spoken and is to be listened to first; one for a conversation. */
export const createRecordings = (path: string, sealed: SealedFiles) =>
  createKeptFiles(path, sealed, recording);
