#!/bin/sh
# builders.sh - kernels that are built without a run, processes that help with a first start, and the one that
# stores its kernels.
. "${srcdir:-.}/tests/cli/lib.sh"
small
keeps_kernels || { echo "skip: the platform keeps no kernels"; exit 77; }

# kernels FOLDER: how many the platform has kept there
kernels() {
  find "$1" -name '*.so' | wc -l
}

# helping: the processes that build beside this test's commands
helping() {
  for line in /proc/[0-9]*/cmdline; do
    { tr '\0' ' ' <"$line" && echo; } 2>/dev/null
  done | grep -c -- '^motcl draw --build-only 0[.].* helped.png'
}

mkdir "$room/alone" "$room/helped" "$room/half"
POCL_CACHE_DIR=$room/alone says 0 draw cat --timesteps 3 --build-only 0 -o cat.png --trace cat.json --dump cat
test -z "$(ls -A)" || fail "building only, there are files: $(ls -A)"
test ! -s "$room/out" || fail "building only, there is a result"
built=$(kernels "$room/alone")
test "$built" -gt 5 || fail "only $built kernels were built"

# a run finds them: what it takes from the platform's folder is all there
POCL_CACHE_DIR=$room/alone says 0 draw cat --timesteps 3 --seed 7 -o first.png
test "$(kernels "$room/alone")" = "$built" || fail "the run built kernels that were not built before"

# a first run is the same picture, whoever has built its kernels, and leaves no process behind
POCL_CACHE_DIR=$room/helped "$motcl" draw cat --timesteps 3 --seed 7 -o helped.png >"$room/out" 2>"$room/err" </dev/null &
pid=$!
most=0
while kill -0 $pid 2>/dev/null; do
  now=$(helping)
  test "$now" -le $most || most=$now
  sleep 0.05
done
wait $pid || fail "the first run failed"
test $most -gt 0 || test "$(getconf _NPROCESSORS_ONLN)" -lt 2 || fail "nobody helped"
test "$(helping)" = 0 || fail "a helping process is still there"
cmp first.png helped.png || fail "built by several processes, it is another picture"
test "$(kernels "$room/helped")" = "$built" || fail "other kernels were built"

# from the middle it is the same kernels
POCL_CACHE_DIR=$room/half says 0 draw cat --timesteps 3 --build-only 0.5
test "$(kernels "$room/half")" = "$built" || fail "beginning in the middle builds others"
says 2 draw cat --build-only 1

# storing: the processes that store kernels for this test's commands; gone: waits until there is none
storing() {
  for line in /proc/[0-9]*/cmdline; do
    { tr '\0' ' ' <"$line" && echo "$line"; } 2>/dev/null
  done | sed -n 's,^motcl draw --build-only 0.00 --store-kernels .*stored.png /proc/\([0-9]*\)/cmdline,\1,p'
}
gone() {
  i=0
  while test -n "$(storing)"; do
    i=$((i + 1))
    test $i -lt 600 || { fail "kernels are being stored for a minute"; break; }
    sleep 0.1
  done
}
bins() {
  find "$XDG_CACHE_HOME" -name '*.bin' | wc -l
}

# after a first start a process of its own session, in nobody's way, stores them; a second such start leaves it
# alone, and what was stored is loaded and nothing built. Where it is not wanted there is none.
XDG_CACHE_HOME=$room/xdg
export XDG_CACHE_HOME
POCL_CACHE_DIR=$room/unwanted says 0 draw cat --timesteps 3 --seed 7 -o stored.png
test -z "$(storing)" || fail "what was not wanted stays behind"
rm stored.png
unset MOTCL_NO_BACKGROUND
exec 9>"$room/lock" # of the caller's, which nobody may hold after the command
POCL_CACHE_DIR=$room/stored says 0 draw cat --timesteps 3 --seed 7 -o stored.png
exec 9>&-
pid=$(storing)
test -n "$pid" || fail "nobody stores kernels after a first start"
i=0
while stat=$(sed 's/.*) //' "/proc/$pid/stat") && test "$(echo "$stat" | cut -d ' ' -f 17)" != 19 && test $i -lt 100; do
  i=$((i + 1))
  sleep 0.1
done
ls -l "/proc/$pid/fd" | grep -q "$room/lock" && fail "it holds a file of the command's caller"
test "$(echo "$stat" | cut -d ' ' -f 4)" = "$pid" || fail "it is in the session of the command: $stat"
test "$(echo "$stat" | cut -d ' ' -f 17)" = 19 || fail "its priority is not the least: $stat"
POCL_CACHE_DIR=$room/stored says 2 draw cat --timesteps 3 --build-only 0 --store-kernels
test "$(bins)" = 0 || fail "there are $(bins) stored programs before it can have stored one"
gone
test "$(bins)" -gt 0 || fail "no program was stored"
POCL_CACHE_DIR=$room/stored says 0 draw cat --timesteps 3 --seed 7 -v -o again-stored.png
! grep -q '^built ' "$room/err" || fail "a start did not load what was stored"
test -z "$(storing)" || fail "a start that had nothing to build has left a process"
cmp first.png again-stored.png || fail "by stored kernels it is another picture"
MOTCL_NO_BACKGROUND=1
export MOTCL_NO_BACKGROUND
rm -f ./*

# a program that the compiler is at for several seconds
cp -R "$srcdir/kernels" "$room/kernels" && chmod -R u+w "$room/kernels"
i=0
while [ $i -lt 4000 ]; do
  echo "__kernel void slow_$i(__global float *x) { for (int i = 0; i < $i; i++) x[i] = exp(x[i] + $i) * sin(x[i]); }"
  i=$((i + 1))
done >>"$room/kernels/cpu/all.cl"

# interrupted FOLDER OPTION...: a signal while that is built; $took says how long the end was waited for
interrupted() {
  mkdir "$room/$1"
  : >"$room/err"
  MOTCL_KERNEL_DIR=$room/kernels POCL_CACHE_DIR=$room/$1 "$motcl" draw cat --timesteps 3 -v $2 $3 >"$room/out" 2>"$room/err" </dev/null &
  pid=$!
  begun '^on ' "$room/err" $pid # the device is chosen, and the program comes next
  sleep 0.5
  kill -INT $pid
  took=$(date +%s)
  wait $pid
  got=$?
  took=$(($(date +%s) - took))
  test $got = 4 || fail "cut while it was compiling: exit status $got, not 4"
  tail -n 1 "$room/err" | grep -q '^motcl: cancelled' || fail "it does not say that it was cancelled"
}

# what the compiler is at is not waited for
interrupted cut
test $took -le 3 || fail "cut while it was compiling, it went on"
test -z "$(ls -A)" || fail "cut while it was compiling: files are left: $(ls -A)"

# but for a trace, which is whole
interrupted traced --trace cut.json
python_with json
test -z "$python" || "$python" -c 'import json; json.load(open("cut.json"))' || fail "the trace is not whole"

finish
