#!/bin/sh
# intel.sh - every op and variant of generic and cpu on Intel's OpenCL runtime for CPUs, a compiler
# other than PoCL's. intel.sh BUILD FOLDER: checkcl of a build; where the runtime is or will be.
set -u
top=$(cd "$(dirname "$0")/.." && pwd) || exit 1
build=$1
use=$(sh "$top/build-aux/intel.sh" "$2") || exit $?
eval "$use"
"$build/tests/checkcl/checkcl" -d cpu@cpu
