#!/bin/sh
# nano_model.sh - the trained model of examples/nano, run by the command that was built, does what it was
# trained for.
set -u
src=$(cd "${srcdir:-.}" && pwd)
exec python3 -B "$src/tests/nano/model.py" "$src" "$(pwd)/motcl"
