#!/usr/bin/env bash
# Runs Electron and keeps a copy of what it writes to stderr. Playwright hands out the process only some time after
# its start, and the first lines, which tell why a start went wrong, would be lost.
exec "$MAGPIE_TEST_ELECTRON" "$@" 2> >(exec tee -a "$MAGPIE_TEST_STDERR" >&2)
