#!/usr/bin/python3
"""A small window that offers files to drag, as a file manager would: drag-source.py X Y FILE...

Prints "ready", then "begin" and "end ACTION" as drags happen.
"""
import sys
from pathlib import Path

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402

x, y, files = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]


def say(*words):
    print(*words, flush=True)


# A popup is placed exactly and gets no frame from the window manager.
window = Gtk.Window(title="drag-source", type=Gtk.WindowType.POPUP)
window.set_default_size(80, 80)
box = Gtk.EventBox()
box.add(Gtk.Label(label="drag me"))
window.add(box)
box.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
box.drag_source_add_uri_targets()
box.connect("drag-begin", lambda *_: say("begin"))
box.connect(
    "drag-data-get",
    lambda _widget, _context, data, _info, _time: data.set_uris([Path(f).resolve().as_uri() for f in files]),
)
box.connect("drag-end", lambda _widget, context: say("end", *(context.get_selected_action().value_nicks or ["none"])))
window.move(x, y)
window.connect("map-event", lambda *_: say("ready"))
window.connect("destroy", Gtk.main_quit)
window.show_all()
Gtk.main()
