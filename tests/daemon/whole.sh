#!/bin/sh
# whole.sh - what the daemon promises, as clients see it: one end for each job, holds, cancels, order, other
# users, hostile bytes, ending and coming back.
. "${srcdir:-.}/tests/daemon/lib.sh"
clients whole
finish
