/** What this server has put where everybody can load it: only that is ever taken away from there, because others may store there as well. */
export const migration008 = `
CREATE TABLE published (
  path TEXT NOT NULL PRIMARY KEY,
  time INTEGER NOT NULL
) WITHOUT ROWID;
`;
