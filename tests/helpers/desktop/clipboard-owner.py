#!/usr/bin/python3
"""Owns the X11 clipboard as programs do, in any number of formats at once: an object of base64 by type on its input, in one line.

Ends when another program copies something.
"""
import base64
import json
import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402

formats = [(kind, base64.b64decode(content)) for kind, content in json.loads(sys.stdin.readline()).items()]

owner = Gtk.Invisible()
owner.realize()
for number, (kind, _content) in enumerate(formats):
    Gtk.selection_add_target(owner, Gdk.SELECTION_CLIPBOARD, Gdk.Atom.intern(kind, False), number)
owner.connect(
    "selection-get",
    lambda _widget, data, number, _time: data.set(data.get_target(), 8, formats[number][1]),
)
owner.connect("selection-clear-event", lambda *_: Gtk.main_quit())
if not Gtk.selection_owner_set(owner, Gdk.SELECTION_CLIPBOARD, Gdk.CURRENT_TIME):
    sys.exit("the clipboard is not given")
Gtk.main()
