/** Senders choose where a file goes: the disk of the server (`server`), or its object storage. */
export const migration007 = `
ALTER TABLE upload ADD COLUMN place TEXT NOT NULL DEFAULT 'server';
`;
