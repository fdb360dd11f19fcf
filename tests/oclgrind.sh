#!/bin/sh
# oclgrind.sh BUILD - kernels on oclgrind, which sees every access outside of a buffer, every race,
# and every undefined value that decides something. Tiny cases, op by op: it is slow. Kernels are not
# optimised, for it does not know all that its compiler then makes of them. Undefined values are not
# looked for in the cpu driver's: a vector of 16 with one such lane counts as one as a whole.
set -u
cd "$1" || exit 1
command -v oclgrind >/dev/null || {
  echo "oclgrind is missing: install the Debian package oclgrind"
  exit 1
}
mkdir -p log-oclgrind && rm -rf log-oclgrind/* || exit 1
XDG_CACHE_HOME=$PWD/log-oclgrind/cache
export XDG_CACHE_HOME
failed=0

# ops DRIVER OPTION...: every op of a driver, with options of oclgrind.
ops() {
  log=log-oclgrind/$1
  driver=$1
  shift
  mkdir -p "$log"
  tests/checkcl/checkcl --support -d ref | sed -n 's/^\([a-z_]*\) .*/\1/p' |
    xargs -P "$(getconf _NPROCESSORS_ONLN)" -n 1 sh -c '
      log=$1/$4
      oclgrind --build-options -cl-opt-disable --data-races $3 --log "$log.found" \
        tests/checkcl/checkcl -d "$2@oclgrind" --quick --op "$4" >"$log.out" 2>&1 &&
        test ! -s "$log.found" && touch "$log.passed"' sh "$log" "$driver" "$*"
  for out in "$log"/*.out; do
    op=${out%.out}
    test -f "$op.passed" && continue
    echo "$driver: ${op##*/} failed:"
    head -n 40 "$out" "$op.found"
    failed=1
  done
  passed=$(find "$log" -name '*.passed' | wc -l)
  echo "$driver: $passed ops passed"
  test "$passed" -ge 20 || failed=1
}

ops generic --uninitialized
ops cpu
exit $failed
