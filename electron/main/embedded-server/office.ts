/**
 * The server inside the app as an office's: the switch "let others on this network join", who is there, and backups. The
 * settings say what is wanted; whenever the server comes up, it is told.
 */
import { mkdirSync } from 'node:fs';
import { clipped } from '#protocol/discovery';
import { MagpieError } from '#protocol/errors';
import type { BackupHours, FoundBackup, OfficeState, Sharing } from '#protocol/model/office';
import type { SettingsStore } from '../settings/settings.ts';
import type { StoredOffice } from '../settings/stored-data.ts';
import type { Logger } from '../support/logger.ts';
import type { EmbeddedServer } from './embedded-server.ts';

/** The one that an invitation without a port means; another one is taken when somebody has it. */
const USUAL_PORT = 7001;

export interface OfficeOptions {
  server: Pick<EmbeddedServer, 'ask' | 'state' | 'start' | 'verify' | 'restore'>;
  settings: SettingsStore;
  logger: Logger;
  /** What it is called as long as the person has no word of their own for it. */
  computerName(): string;
  /** IP addresses of this computer that others may reach, the likeliest first. */
  addresses(): string[];
  /** Address to listen on; null for all of this computer. */
  host: string | null;
  /** `off`, or addresses of interfaces to announce on; null for all. */
  mdns: 'off' | string[] | null;
  onChanged(state: OfficeState): void;
}

export type Office = ReturnType<typeof createOffice>;

export function createOffice(options: OfficeOptions) {
  const { server, settings } = options;
  const log = options.logger.module('office');
  let sharing: Sharing = { state: 'off' };
  /** Grows with every turn of the switch: what an earlier one brings late is not told. */
  let turns = 0;
  /** What the person chose to restore, and whether it was read and is sound: nothing else is ever restored. */
  let chosen: { path: string; sound: boolean } | null = null;

  const stored = (): StoredOffice => settings.read().office;
  const name = (): string => stored().name || clipped(options.computerName());
  const change = (part: Partial<StoredOffice>) =>
    void settings.update(({ office }) => ({ office: { ...office, ...part } }));

  const state = async (): Promise<OfficeState> => {
    const { open, backupPlace, backupHours, backupKeep } = stored();
    const [connected, backup] = await Promise.all([
      server.ask('connections', null).catch(() => []),
      server.ask('backup-state', null).catch(() => ({
        ...{ place: backupPlace, everyHours: backupHours, keep: backupKeep },
        ...{ running: null, last: null, failure: null, nextAt: null },
      })),
    ]);
    // Another network, another address: as they are now, and not when the switch was turned.
    const shown =
      sharing.state === 'on' ? { ...sharing, name: name(), addresses: options.addresses() } : sharing;
    return { name: name(), wanted: open, sharing: shown, connected, backup };
  };
  const tell = async (): Promise<OfficeState> => {
    const now = await state();
    options.onChanged(now);
    return now;
  };

  const open = async (): Promise<void> => {
    const turn = ++turns;
    sharing = { state: 'opening' };
    void tell();
    const called = name();
    const order = { host: options.host, port: stored().port ?? USUAL_PORT, name: called, mdns: options.mdns };
    const next = await server.ask('open-office', order).then(
      (opened): Sharing => {
        change({ port: opened.port });
        return { state: 'on', ...opened, name: called, addresses: options.addresses() };
      },
      (thrown: unknown): Sharing => {
        log.error('not-opened', thrown);
        return { state: 'failed', message: thrown instanceof Error ? thrown.message : String(thrown) };
      },
    );
    if (turn !== turns) return;
    sharing = next;
    log.info(sharing.state);
    // Named anew while it was opened.
    if (next.state === 'on' && name() !== called) await server.ask('rename-office', { name: name() });
  };
  const close = async (): Promise<void> => {
    turns += 1;
    // Off in the settings already: should the server not answer, it is not opened again after its end.
    await server.ask('close-office', null).catch((thrown: unknown) => {
      if (server.state.state === 'running') throw thrown;
    });
    sharing = { state: 'off' };
    log.info('off');
  };
  const plan = (): Promise<unknown> => {
    const { backupPlace, backupHours, backupKeep } = stored();
    return server.ask('plan-backups', { place: backupPlace, everyHours: backupHours, keep: backupKeep });
  };

  return {
    state,
    /** Others rely on it, so it runs with the app, whoever is signed in here. */
    get isWanted(): boolean {
      return stored().open;
    },
    /** The server runs, for the first time or again. */
    async serverRuns(): Promise<void> {
      await plan().catch((thrown: unknown) => log.error('backups-not-planned', thrown));
      if (stored().open) await open();
      await tell();
    },
    serverEnded(): void {
      turns += 1;
      sharing = stored().open ? { state: 'opening' } : { state: 'off' };
      void tell();
    },
    async setOpen(wanted: boolean): Promise<OfficeState> {
      change({ open: wanted });
      if (wanted) await open();
      else await close();
      return tell();
    },
    /** Whoever is connected stays so. Empty: the name of the computer again. */
    async setName(wanted: string): Promise<OfficeState> {
      change({ name: clipped(wanted) });
      if (sharing.state === 'on') await server.ask('rename-office', { name: name() });
      return tell();
    },
    /** A folder that the person chose. */
    async setBackupPlace(place: string): Promise<OfficeState> {
      mkdirSync(place, { recursive: true, mode: 0o700 });
      change({ backupPlace: place });
      await plan();
      return tell();
    },
    async planBackups(everyHours: BackupHours): Promise<OfficeState> {
      change({ backupHours: everyHours });
      await plan();
      return tell();
    },
    /** Answers when it is done; why it failed is in the state. */
    async backUp(): Promise<OfficeState> {
      await server.ask('make-backup', null).catch((thrown: unknown) => log.error('backup-failed', thrown));
      return tell();
    },
    /** A backup, or a place of backups, that the person chose to restore. */
    chooseBackup(path: string): void {
      chosen = { path, sound: false };
    },
    /** Reads every byte of what was chosen. */
    async verifyBackup(): Promise<FoundBackup> {
      if (chosen === null) throw new MagpieError('not-allowed', 'no backup was chosen');
      const found = await server.verify(chosen.path);
      chosen = { path: found.path, sound: found.problem === null };
      return found;
    },
    async restoreBackup(): Promise<{ former: string | null }> {
      if (chosen?.sound !== true) throw new MagpieError('not-allowed', 'no sound backup was chosen');
      const { path } = chosen;
      chosen = null;
      log.info('restore');
      return server.restore(path);
    },
    backupChanged(): void {
      void tell();
    },
  };
}
