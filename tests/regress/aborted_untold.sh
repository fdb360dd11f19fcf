#!/bin/sh
# aborted_untold.sh - where an OpenCL runtime aborted, motcl ended without a word: LLVM, which PoCL loads, had
# taken the signal for itself. And a chat left the terminal without echo, by exit too. Every launch of a kernel
# ends the program here.
. "${srcdir:-.}/tests/cli/lib.sh"
keeps_kernels || { echo "skip: the platform is not PoCL"; exit 77; }
small
XDG_STATE_HOME=$PWD/state
export XDG_STATE_HOME
ulimit -c 0
for ending in 'abort()' 'exit(1)'; do
  printf '#include <stdlib.h>\nint clEnqueueNDRangeKernel(void);\nint clEnqueueNDRangeKernel(void) { %s; }\n' "$ending" \
    >"$room/ends.c"
  # shellcheck disable=SC2086 # flags are words
  ${CC:-cc} -shared -fPIC -Wno-return-type -o "$room/${ending%%(*}.so" "$room/ends.c" || exit 1
done

# ended_by LIBRARY STATUS SENTENCE
ended_by() {
  LD_PRELOAD=$room/$1.so says "$2" ask what --max-tokens 2
  sed -i '/^Aborted/d' "$room/err" # which the shell says
  one_sentence "$1"
  holds "$room/err" "$3"
  printf 'wait >\ntype hello\\r\nwait %s\n' "${3%% *}" >steps
  TERM=dumb LC_ALL=C.UTF-8 python3 "$srcdir/tests/cli/screen.py" 300x24 \
    sh -c "LD_PRELOAD=$room/$1.so $motcl chat; stty -a" <steps >"$room/out" 2>"$room/err"
  holds "$room/out" "$3"
  holds "$room/out" '\(^\|[^-]\)echo '
}
ended_by abort 134 'aborted'
ended_by exit 1 'ended the program'
finish
