#!/bin/sh
# In front of the squashfs of AppImages made for tests, where the real runtime cannot be downloaded: it unpacks instead
# of mounting. Padded to 4096 bytes by scripts/package. Never part of a release.
APPIMAGE="$(readlink -f "$0")"
export APPIMAGE
APPDIR="$(mktemp -d "${TMPDIR:-/tmp}/appimage-XXXXXX")/root"
export APPDIR
trap 'rm -rf "$(dirname "$APPDIR")"' EXIT
unsquashfs -quiet -no-progress -o 4096 -d "$APPDIR" "$APPIMAGE" >/dev/null || exit 1
"$APPDIR/AppRun" "$@"
exit $?
