#!/bin/sh
# cancel.sh - a signal ends the work cleanly: exit status 4, one sentence, no half-written file.
. "${srcdir:-.}/tests/cli/lib.sh"
small

# cancelled SIGNAL ARGS...: starts motcl, sends the signal once the work has begun
cancelled() {
  signal=$1
  shift
  : >"$room/err"
  "$motcl" "$@" -v >"$room/out" 2>"$room/err" </dev/null &
  pid=$!
  begun "$sign" "$room/err" $pid
  kill -$signal $pid
  wait $pid
  got=$?
  test $got = 4 || fail "SIG$signal: exit status $got, not 4"
  test "$(grep -c '^motcl: ' "$room/err")" = 1 || fail "SIG$signal: not one sentence"
  tail -n 1 "$room/err" | grep -q '^motcl: cancelled' || fail "SIG$signal: it does not say so"
}

sign='^drawing'
for signal in INT TERM HUP; do
  cancelled $signal draw cat -d ref --timesteps 10000 --seed 1
  test -z "$(ls -A)" || fail "SIG$signal: files are left: $(ls -A)"
done
test ! -s "$room/out" || fail "something on stdout"

# kernels that are built for the first time, where the platform lets us see it
if keeps_kernels; then
  sign='^compiling kernels'
  mkdir "$room/kernels"
  POCL_CACHE_DIR=$room/kernels cancelled INT draw cat --timesteps 3
  grep -q '^reading\|^drawing' "$room/err" && fail "the work began though it was cancelled before"
  test -z "$(ls -A)" || fail "cancelled while kernels were built: files are left: $(ls -A)"
fi

# what was finished before stays
sign='^seed 1'
cancelled INT draw cat -d ref --timesteps 40 --seed 1 -n 100000
is_png motcl-1.png
for file in *; do
  is_png "$file"
done
rm -f ./*

# an answer that is broken off ends its line (this model's goes on for ever)
make_model "$room/talks" --seed 8
sign='^writing'
cancelled INT ask cat -d ref --max-tokens 100000 -m "$room/talks"
test ! -s "$room/out" || test "$(tail -c 1 "$room/out" | od -An -tx1 | tr -d ' ')" = 0a ||
  fail "a broken answer does not end its line"

# a signal that is ignored from outside stays so
sh -c 'trap "" HUP; exec "$@"' sh "$motcl" draw cat -d ref --timesteps 60 --seed 3 -v \
  >"$room/out" 2>"$room/err" </dev/null &
pid=$!
begun '^drawing' "$room/err" $pid
kill -HUP $pid 2>/dev/null
wait $pid || fail "an ignored signal ended the work"
is_png motcl-3.png

finish
