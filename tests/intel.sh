#!/bin/sh
# intel.sh - the drivers for OpenCL devices on Intel's OpenCL runtime for CPUs, a compiler other than
# PoCL's: every op and variant, then the recorded cases.
#     intel.sh BUILD FOLDER: a build, and where the runtime is or will be.
set -u
top=$(cd "$(dirname "$0")/.." && pwd) || exit 1
cd "$1" || exit 1
use=$(sh "$top/build-aux/intel.sh" "$2") || exit $?
eval "$use"
tests/checkcl/checkcl -d cpu@cpu && tests/checkcl/checkcl -d generic@cpu &&
  srcdir=$top sh "$top/tests/golden/run.sh" generic@cpu cpu@cpu
