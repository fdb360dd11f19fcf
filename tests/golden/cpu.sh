#!/bin/sh
# cpu.sh - the recorded cases by the motcl command on the devices of driver cpu in tests/devices.list.
here=${srcdir:-.}/tests
# names are words
# shellcheck disable=SC2046
exec sh "$here/golden/run.sh" $(sed -n 's/^\(cpu[^ \t]*\).*/\1/p' "$here/devices.list")
