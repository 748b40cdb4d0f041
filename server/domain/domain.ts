/** All rules of the server, made once. */
import { accountRules } from './accounts.ts';
import type { Accounts } from './accounts.ts';
import { applicationRules } from './applications.ts';
import type { Applications } from './applications.ts';
import { attentionRules } from './attention.ts';
import type { Attention } from './attention.ts';
import { contactRules } from './contacts.ts';
import type { Contacts } from './contacts.ts';
import { answerRules } from './answers.ts';
import type { Answers } from './answers.ts';
import { autoReplyRules } from './auto-reply.ts';
import type { AutoReply } from './auto-reply.ts';
import { codeRules } from './codes.ts';
import type { Codes } from './codes.ts';
import { complaintRules } from './complaints.ts';
import type { Complaints } from './complaints.ts';
import { connectNoticeRules } from './connect-notices.ts';
import type { ConnectNotices } from './connect-notices.ts';
import type { DomainContext } from './context.ts';
import { fileRules } from './files.ts';
import type { FilePlaces, Files } from './files.ts';
import { deliveryRules } from './delivery.ts';
import type { Delivery } from './delivery.ts';
import { groupRules } from './groups.ts';
import type { Groups } from './groups.ts';
import { guestGate } from './guest-gate.ts';
import type { GuestGate } from './guest-gate.ts';
import { messageRules } from './messages.ts';
import type { Messages } from './messages.ts';
import { sessionRules } from './sessions.ts';
import type { Sessions } from './sessions.ts';
import { syncRules } from './sync.ts';
import type { Sync } from './sync.ts';

export interface Domain {
  readonly accounts: Accounts;
  readonly answers: Answers;
  readonly applications: Applications;
  readonly attention: Attention;
  readonly autoReply: AutoReply;
  readonly codes: Codes;
  readonly complaints: Complaints;
  readonly connectNotices: ConnectNotices;
  readonly contacts: Contacts;
  readonly delivery: Delivery;
  readonly groups: Groups;
  readonly files: Files;
  readonly guestGate: GuestGate;
  readonly messages: Messages;
  readonly sessions: Sessions;
  readonly sync: Sync;
}

/** @param places where files lie, complete ones and those that are coming in */
export function createDomain(context: DomainContext, places: FilePlaces): Domain {
  const sessions = sessionRules(context);
  const autoReply = autoReplyRules(context);
  const connectNotices = connectNoticeRules(context);
  return {
    accounts: accountRules(context, sessions, connectNotices),
    answers: answerRules(context),
    applications: applicationRules(context),
    attention: attentionRules(context),
    autoReply,
    codes: codeRules(context),
    complaints: complaintRules(context),
    connectNotices,
    contacts: contactRules(context),
    delivery: deliveryRules(context),
    groups: groupRules(context),
    files: fileRules(context, places),
    guestGate: guestGate(context),
    messages: messageRules(context, autoReply),
    sessions,
    sync: syncRules(context),
  };
}
