/**
 * Does a server speak `egg-im`? From the protocol and its recorded exchanges alone, through the wire alone. Against ours,
 * the mended faults must be mended; a foreign server may show them (`npm run test:conformance -- --origin URL`).
 */
import { afterAll, beforeAll } from 'vitest';
import { makeWorld } from './conformance/calls.ts';
import { describeAccounts } from './conformance/accounts.ts';
import { describeFiles } from './conformance/files.ts';
import { describeFriends } from './conformance/friends.ts';
import { describeGroups } from './conformance/groups.ts';
import { describeMessages } from './conformance/messages.ts';
import { describeRoles } from './conformance/roles.ts';
import { describeServiceDesk } from './conformance/service-desk.ts';
import { describeSocket } from './conformance/socket.ts';
import { describeValidation } from './conformance/validation.ts';
import { report } from './expected-differences.ts';
import { FOREIGN } from './world.ts';

beforeAll(makeWorld);

afterAll(() => {
  if (FOREIGN !== '') process.stdout.write(`\n${report()}`);
});

// One run through one world, in this order: friends are made before they write, and write before they found groups.
describeValidation();
describeRoles();
describeAccounts();
describeFriends();
describeMessages();
describeGroups();
describeFiles();
describeServiceDesk();
describeSocket();
