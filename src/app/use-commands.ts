import { watch } from 'vue';
import { useRouter } from 'vue-router';
import { assertNever } from '#protocol/errors';
import { parseInvitation } from '#protocol/invitation';
import type { AppCommand } from '#protocol/ipc';
import { useErrorText } from '../composables/use-error-text.ts';
import { useText } from '../composables/use-text.ts';
import { useCodesStore } from '../stores/codes.ts';
import { useCommandsStore } from '../stores/commands.ts';
import { useConversationsStore } from '../stores/conversations.ts';
import { useDiagnosticsStore } from '../stores/diagnostics.ts';
import { useDoctorStore } from '../stores/doctor.ts';
import { runPageCommand } from '../lib/page-commands.ts';
import { useGroupsStore } from '../stores/groups.ts';
import { useInvitationsStore } from '../stores/invitations.ts';
import { useNoticesStore } from '../stores/notices.ts';
import { useSessionStore } from '../stores/session.ts';
import { useUpdatesStore } from '../stores/updates.ts';

/** Does what the tray, the menu bar or a notification asks for, as soon as somebody is signed in. */
export function useCommands(): void {
  const commands = useCommandsStore();
  const conversations = useConversationsStore();
  const session = useSessionStore();
  const codes = useCodesStore();
  const groups = useGroupsStore();
  const notices = useNoticesStore();
  const invitations = useInvitationsStore();
  const doctor = useDoctorStore();
  const diagnostics = useDiagnosticsStore();
  const errorText = useErrorText();
  const { t } = useText();
  const router = useRouter();

  function run(command: AppCommand): void {
    switch (command.kind) {
      case 'open-conversation':
        void router.push({ name: 'chats', params: { conversationId: command.conversationId } });
        break;
      case 'open-chats':
        void router.push({ name: 'chats', params: { conversationId: conversations.lastOpenId ?? '' } });
        break;
      case 'open-contacts':
        void router.push({ name: 'contacts' });
        break;
      case 'open-groups':
        void router.push({ name: 'groups' });
        break;
      case 'create-group':
        if (session.isGuest) void router.push({ name: 'sign-in' });
        else groups.startCreating();
        break;
      case 'add-contact':
        void router.push({ name: 'contacts', query: { add: '1' } });
        break;
      case 'scan-code':
        codes.scan();
        break;
      case 'open-path':
        void router.push(command.path);
        break;
      case 'open-settings':
        void router.push({ name: 'settings' });
        break;
      case 'open-link':
        // One that we do not understand still brought the person here.
        if (!codes.follow(command.link)) notices.warn(t('codes.notOurs'));
        break;
      case 'find-conversation':
      case 'next-conversation':
      case 'previous-conversation':
      case 'search-in-chat':
      case 'toggle-pinned':
      case 'toggle-muted':
      case 'toggle-unread':
      case 'toggle-details':
      case 'own-window':
      case 'show-shortcuts':
        runPageCommand(command.kind);
        break;
      case 'export-chat':
        runPageCommand(`export-${command.format}`);
        break;
      case 'check-updates':
        void router.push({ name: 'settings', query: { section: 'updates' } });
        useUpdatesStore()
          .check()
          .catch((thrown: unknown) => notices.warn(errorText(thrown)));
        break;
      case 'open-doctor':
        doctor.open();
        break;
      case 'open-diagnostics':
        diagnostics.open();
        break;
      default:
        assertNever(command, 'command');
    }
  }

  // An invitation leads to a server, and help is for those who cannot get in: nobody need be signed in.
  watch(
    () => commands.waiting,
    (waiting) => {
      if (waiting?.kind === 'open-doctor' || waiting?.kind === 'open-diagnostics') {
        commands.take();
        run(waiting);
        return;
      }
      if (waiting?.kind !== 'open-link' || parseInvitation(waiting.link) === null) return;
      commands.take();
      invitations.follow(waiting.link).catch((thrown: unknown) => notices.warn(errorText(thrown)));
    },
    { immediate: true, flush: 'sync' },
  );
  watch(
    // A conversation that is not in the list yet would lead back to the list.
    () =>
      [commands.waiting, session.session.phase === 'signed-in' && conversations.phase === 'ready'] as const,
    ([waiting, ready]) => {
      if (waiting === null || !ready) return;
      commands.take();
      run(waiting);
    },
    { immediate: true },
  );
}
