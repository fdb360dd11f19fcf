#!/bin/sh
# oclgrind.sh BUILD - the generic driver's kernels on oclgrind, which sees every access outside of a
# buffer, every race, and every undefined value that decides something. Tiny cases, op by op: it is
# slow. Kernels are not optimised, for it does not know all that its compiler then makes of them.
set -u
cd "$1" || exit 1
command -v oclgrind >/dev/null || {
  echo "oclgrind is missing: install the Debian package oclgrind"
  exit 1
}
mkdir -p log-oclgrind && rm -f log-oclgrind/* || exit 1
XDG_CACHE_HOME=$PWD/log-oclgrind/cache
export XDG_CACHE_HOME
tests/checkcl/checkcl --support -d ref | sed -n 's/^\([a-z_]*\) .*/\1/p' |
  xargs -P "$(getconf _NPROCESSORS_ONLN)" -n 1 sh -c '
    log=log-oclgrind/$1
    oclgrind --build-options -cl-opt-disable --data-races --uninitialized --log "$log.found" \
      tests/checkcl/checkcl -d generic@oclgrind --quick --op "$1" >"$log.out" 2>&1 &&
      test ! -s "$log.found" && touch "$log.passed"' sh
failed=0
for out in log-oclgrind/*.out; do
  op=${out%.out}
  test -f "$op.passed" && continue
  echo "${op##*/} failed:"
  head -n 40 "$out" "$op.found"
  failed=1
done
passed=$(find log-oclgrind -name '*.passed' | wc -l)
echo "$passed ops passed"
test "$passed" -ge 20 || failed=1
exit $failed
