#!/bin/sh
# generic.sh - the recorded cases by the motcl command on the devices of driver generic in tests/devices.list.
here=${srcdir:-.}/tests
# names are words
# shellcheck disable=SC2046
exec sh "$here/golden/run.sh" $(sed -n 's/^\(generic[^ \t]*\).*/\1/p' "$here/devices.list")
