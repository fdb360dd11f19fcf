#!/bin/sh
# disk.sh - full disks, caches that cannot be written, results that go nowhere.
. "${srcdir:-.}/tests/cli/lib.sh"
small
short="-d ref --max-tokens 6"

# full ARGS...: stdout takes nothing
full() {
  "$motcl" "$@" >/dev/full 2>"$room/err" </dev/null
  got=$?
  : >"$room/out"
  test $got = 1 || fail "a full stdout: exit status $got: $*"
  one_sentence "$@"
  holds "$room/err" 'stdout'
}
if test -c /dev/full; then
  full draw cat $quick -o - -q
  full ask what $short
  full devices
  full devices --json
  full inspect "$room/model"
  full plan -d ref
  full --help
  full draw --help
fi

# files may grow to 512 bytes only: the picture does not fit, and nothing of it stays
(
  ulimit -f 1
  exec "$motcl" draw cat $quick -o big.png -q
) >"$room/out" 2>"$room/err" </dev/null
test $? = 1 || fail "a full disk: exit status"
one_sentence draw
test -z "$(ls -A)" || fail "a full disk: files are left: $(ls -A)"
(
  ulimit -f 1
  exec "$motcl" draw cat $quick -o big.png --dump d -q
) >"$room/out" 2>"$room/err" </dev/null
test $? = 1 || fail "a full disk under --dump: exit status"
one_sentence draw
test ! -e big.png || fail "a full disk under --dump: a picture is left"
for file in d/*; do
  test -e "$file" || continue
  test "$(wc -c <"$file")" -le 512 || fail "$file is larger than it can be"
  case $file in
  *.npy) ;;
  *) fail "$file is left" ;;
  esac
done
rm -rf d

# caches that cannot be made: the work is done without
"$motcl" draw cat $quick -o a.png -q >"$room/out" || fail "a picture"
: >"$room/nofolder"
for cache in "$room/nofolder" /proc relative; do
  XDG_CACHE_HOME=$cache "$motcl" ask what -d ref --max-tokens 2 >"$room/out" 2>"$room/err" </dev/null ||
    fail "the cache $cache"
done
XDG_CACHE_HOME=/proc "$motcl" ask what --max-tokens 2 >"$room/out" 2>"$room/err" </dev/null
got=$?
test $got = 0 || test $got = 3 || fail "a cache that takes nothing: exit status $got"
test $got = 3 || {
  lines=1
  keeps_kernels && lines=0
  test "$(grep -c "^motcl: built kernels cannot be kept in '/proc/motcl'" "$room/err")" = $lines ||
    fail "a cache that takes nothing is worth $lines lines"
  XDG_CACHE_HOME=/proc "$motcl" ask what --max-tokens 2 -q >"$room/out" 2>"$room/err" </dev/null
  test ! -s "$room/err" || fail "a cache that takes nothing, quietly"
}

# dumps that cannot go where they should
refused 1 'a.png' draw cat $quick -o b.png --dump a.png
refused 1 'nowhere' draw cat $quick -o b.png --dump nowhere/d
refused 2 'goes with --dump' draw cat $quick -o b.png --dump-layers

finish
