#!/bin/sh
# killed.sh - the daemon and its device processes are killed at any moment, over jobs of every kind: nothing is
# lost, nothing ends twice, and all have the bytes of an undisturbed run. KILLS=200 takes some minutes.
. "${srcdir:-.}/tests/daemon/lib.sh"
clients killed "${KILLS:-12}"
finish
