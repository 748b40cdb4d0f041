/** All rules of the server, made once. */
import { accountRules } from './accounts.ts';
import type { Accounts } from './accounts.ts';
import { applicationRules } from './applications.ts';
import type { Applications } from './applications.ts';
import { attentionRules } from './attention.ts';
import type { Attention } from './attention.ts';
import { contactRules } from './contacts.ts';
import type { Contacts } from './contacts.ts';
import type { DomainContext } from './context.ts';
import { deliveryRules } from './delivery.ts';
import type { Delivery } from './delivery.ts';
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
  readonly applications: Applications;
  readonly attention: Attention;
  readonly contacts: Contacts;
  readonly delivery: Delivery;
  readonly guestGate: GuestGate;
  readonly messages: Messages;
  readonly sessions: Sessions;
  readonly sync: Sync;
}

export function createDomain(context: DomainContext): Domain {
  const sessions = sessionRules(context);
  return {
    accounts: accountRules(context, sessions),
    applications: applicationRules(context),
    attention: attentionRules(context),
    contacts: contactRules(context),
    delivery: deliveryRules(context),
    guestGate: guestGate(context),
    messages: messageRules(context),
    sessions,
    sync: syncRules(context),
  };
}
