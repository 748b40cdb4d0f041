#!/usr/bin/python3
"""A small window that takes files which are dropped on it, as a desktop would: drop-target.py X Y SIZE

Prints "ready", then "over" when files are held over it, and "uri ADDRESS" for each that falls.
"""
import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402

x, y, size = (int(word) for word in sys.argv[1:4])


def say(*words):
    print(*words, flush=True)


def take(widget, context, _x, _y, data, _info, time):
    for uri in data.get_uris():
        say("uri", uri)
    context.finish(True, False, time)
    say("done")


window = Gtk.Window(title="drop-target", type=Gtk.WindowType.POPUP)
window.set_default_size(size, size)
box = Gtk.EventBox()
box.add(Gtk.Label(label="drop here"))
window.add(box)
box.drag_dest_set(Gtk.DestDefaults.ALL, [], Gdk.DragAction.COPY)
box.drag_dest_add_uri_targets()
box.connect("drag-motion", lambda *_: say("over"))
box.connect("drag-data-received", take)
window.move(x, y)
window.connect("map-event", lambda *_: say("ready"))
window.connect("destroy", Gtk.main_quit)
window.show_all()
Gtk.main()
