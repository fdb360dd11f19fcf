#!/bin/sh
# peers.sh - odd pictures and weights, read as Pillow and the safetensors library read them, or as the
# page of host/io says: tests/peers.
. "${srcdir:-.}/tests/cli/lib.sh"
python3 "$srcdir/tests/peers/check.py" "$build/tests/peers/look" "$srcdir" "$room/here" >"$room/out" ||
  { fail "there are differences that no page tells of" && tail -n +6 "$room/out"; }
finish
