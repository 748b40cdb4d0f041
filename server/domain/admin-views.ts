/** What the console shows; so that it need not know the storage. */
export type { AuditEntry, ComplaintRecord, GroupSummary, ListedAccount } from '../storage/records.ts';
export { REMOVED } from '../storage/records.ts';
