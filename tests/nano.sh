#!/bin/sh
# nano.sh - the world of examples/nano, its words, pictures and judge, tried without PyTorch or numpy.
set -u
src=$(cd "${srcdir:-.}" && pwd)
exec python3 -B "$src/tests/nano/check.py" "$src"
