import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { until } from './until.ts';

/** Pixels. */
export const OTHER_WINDOW = { width: 320, height: 180 };

const PROGRAM = `
import sys, gi
gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")
from gi.repository import Gdk, Gtk
title, colour, width, height = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
style = Gtk.CssProvider()
style.load_from_data(("window { background: %s; }" % colour).encode())
Gtk.StyleContext.add_provider_for_screen(Gdk.Screen.get_default(), style, 800)
window = Gtk.Window(title=title)
window.set_default_size(width, height)
window.connect("map-event", lambda *_: print("mapped", flush=True))
window.connect("destroy", Gtk.main_quit)
window.show_all()
Gtk.main()
`;

/** The window of another program, filled with one colour. */
export async function openOtherWindow(
  env: NodeJS.ProcessEnv,
  title: string,
  [red, green, blue]: readonly [number, number, number],
): Promise<{ close(): void }> {
  const { width, height } = OTHER_WINDOW;
  // The Python of the system: one from elsewhere does not see its GTK.
  const child = spawn(
    '/usr/bin/python3',
    ['-c', PROGRAM, title, `rgb(${red},${green},${blue})`, String(width), String(height)],
    { env, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let mapped = false;
  createInterface({ input: child.stdout }).on('line', () => (mapped = true));
  await until(() => Promise.resolve(mapped), { what: `the window "${title}"` });
  return { close: () => void child.kill() };
}
