#!/bin/sh
# world.sh - what else goes on in the world: pipes that close, terminals that are gone, folders that go or
# cannot be written, files that others make, processes that share a cache, caches of other versions.
. "${srcdir:-.}/tests/cli/lib.sh"
small

# gone PID: waits until the process, which is nobody's child any more, has ended
gone() {
  tries=0
  while kill -0 "$1" 2>/dev/null && test $tries -lt 2400; do
    sleep 0.05
    tries=$((tries + 1))
  done
  ! kill -0 "$1" 2>/dev/null
}

# --- pipes that close

("$motcl" draw cat $quick -o - 2>"$room/err" && echo well >"$room/well") | head -c 10 >/dev/null
test -f "$room/well" || fail "who reads a picture may go away"
lacks "$room/err" '^motcl'
rm -f "$room/well"
("$motcl" draw cat $quick -v -o a.png 2>&1 >/dev/null && echo well >"$room/well") | head -c 1 >/dev/null
test -f "$room/well" || fail "who reads messages may go away"
is_png a.png
says 0 draw cat $quick -o b.png
cmp -s a.png b.png || fail "who reads messages changes the picture"
"$motcl" draw cat $quick -o c.png 2>&- >"$room/out" || fail "a stderr that is closed"
cmp -s a.png c.png || fail "a closed stderr changes the picture"
"$motcl" draw cat $quick -v -o d.png 2>/dev/full >"$room/out" || fail "a full stderr"
cmp -s a.png d.png || fail "a full stderr changes the picture"
cp a.png "$room/same.png"
rm -f ./*

# --- terminals that are gone

# in_terminal COMMAND...: runs it in a terminal of its own, which is closed once the work has begun; its
# process number is then in $pid
in_terminal() {
  rm -f "$room/pid"
  : >"$room/out"
  script -qfc "echo \$\$ >$room/pid; $*" /dev/null </dev/null >"$room/out" 2>"$room/err" &
  terminal=$!
  begun 'drawing' "$room/out" $terminal
  pid=$(cat "$room/pid")
  kill -KILL $terminal
  wait $terminal 2>/dev/null
}
if command -v script >/dev/null 2>&1; then
  TERM=xterm in_terminal "exec $motcl draw cat -d ref --timesteps 10000 --seed 1"
  gone "$pid" || fail "without its terminal the work goes on"
  test -z "$(ls -A)" || fail "a lost terminal: files are left: $(ls -A)"
  TERM=xterm in_terminal "trap '' HUP; exec $motcl draw cat -d ref --timesteps 60 --seed 1 -v"
  gone "$pid" || fail "without its terminal the work does not end"
  is_png motcl-1.png
  rm -f ./*
fi

# --- folders that go, files that others make

# meanwhile COMMAND NAME: runs it while NAME is drawn; the exit status is then in $got
meanwhile() {
  : >"$room/err"
  "$motcl" draw cat -d ref --timesteps 60 --seed 1 -v -o "$2" >"$room/out" 2>"$room/err" </dev/null &
  pid=$!
  begun '^drawing' "$room/err" $pid
  eval "$1"
  wait $pid
  got=$?
  test "$(grep -c '^motcl: ' "$room/err")" = 1 || fail "$1: not one sentence"
  test ! -s "$room/out" || fail "$1: something on stdout"
}
mkdir away
meanwhile 'rm -rf away' away/a.png
test $got = 1 || fail "a folder that goes: exit status $got"
test -z "$(ls -A)" || fail "a folder that goes: files are left: $(ls -A)"
meanwhile 'echo mine >a.png' a.png
test $got = 1 || fail "a file that somebody else makes: exit status $got"
test "$(cat a.png)" = mine || fail "somebody else's file is overwritten"
test "$(ls -A)" = a.png || fail "files are left: $(ls -A)"
rm -f a.png

# --- homes and folders that cannot be written

# from here on by OpenCL: the leak checker cannot always stop a runtime's threads
ASAN_OPTIONS=detect_leaks=0
export ASAN_OPTIONS

for home in /proc /nowhere relative ''; do
  (
    unset XDG_CACHE_HOME
    HOME=$home
    export HOME
    exec "$motcl" ask what --max-tokens 2
  ) >"$room/out" 2>"$room/err" </dev/null || fail "the home '$home'"
  test "$(grep -c -v -e 'cannot be kept in' -e '^the answer was cut off' "$room/err")" = 0 || fail "the home '$home' is complained about"
done
(unset XDG_CACHE_HOME HOME && exec "$motcl" ask what --max-tokens 2) >"$room/out" 2>"$room/err" </dev/null ||
  fail "no home"
test -z "$(ls -A)" || fail "a home: files are left: $(ls -A)"
(cd /proc && exec "$motcl" draw cat $quick -v) >"$room/out" 2>"$room/err" </dev/null
test $? = 1 || fail "a folder that cannot be written: exit status"
one_sentence "in a folder that cannot be written"

# --- one cache and several processes; caches of other versions

XDG_CACHE_HOME=$room/cache
export XDG_CACHE_HOME
mkdir "$XDG_CACHE_HOME"
kept=$XDG_CACHE_HOME/motcl
for i in 1 2 3; do
  "$motcl" draw cat --timesteps 3 --seed 7 -q --preview-file p.png -o $i.png >/dev/null 2>"$room/err$i" </dev/null &
  eval "pid$i=$!"
done
for i in 1 2 3; do
  eval "wait \$pid$i" || fail "process $i on a shared cache: $(cat "$room/err$i")"
  cmp -s 1.png $i.png || fail "process $i on a shared cache draws another picture"
done
# of the fit of previews, and of built kernels where the platform does not keep them
ls "$kept"/*.bin >"$room/entries" 2>/dev/null || fail "nothing is kept"
keeps_kernels && want=1 || want=2
test "$(wc -l <"$room/entries")" -ge $want || fail "fewer than $want entries are kept"
test "$(ls -A "$kept" | grep -c -v -e '\.bin$' -e '^rates.json$' -e '^\.secret$')" = 0 || fail "the cache holds more than entries: $(ls -A "$kept")"

# again WHAT: the same picture, and a cache that is as it was
again() {
  says 0 draw cat --timesteps 3 --seed 7 -q --preview-file p.png -o again.png
  cmp -s 1.png again.png || fail "$1: another picture"
  test ! -s "$room/err" || fail "$1 is complained about"
  ls "$kept"/*.bin | cmp -s - "$room/entries" || fail "$1: other entries are kept"
  rm -f again.png
}
first=$(head -n 1 "$room/entries")
last=$(tail -n 1 "$room/entries")
while read -r entry; do
  printf 1 | dd of="$entry" bs=1 seek=7 conv=notrunc 2>/dev/null
done <"$room/entries"
again "a cache of another version"
test "$(head -c 8 "$first")" = MCLPROG2 || fail "an entry of another version is not replaced"
cp "$first" "$room/first"
cp "$last" "$room/last"
if test "$first" != "$last"; then
  cp "$room/last" "$first"
  cp "$room/first" "$last"
  again "entries under each other's names"
  cmp -s "$first" "$room/first" || fail "an entry under another's name is not replaced"
fi
: >"$first"
head -c 100 "$room/first" >"$last"
again "entries cut short"
rm -f "$first"
mkdir "$first"
says 0 draw cat --timesteps 3 --seed 7 -q --preview-file p.png -o again.png
cmp -s 1.png again.png || fail "a folder in an entry's place: another picture"
rm -f again.png

rmdir "$first"
for rates in '' '{' '[]' '{"format":99,"devices":{}}' '{"format":1,"devices":[1]}' '{"format":1,"devices":{"x":{"y":1e999}}}'; do
  printf '%s' "$rates" >"$kept/rates.json"
  again "rates that are '$rates'"
done
rm -f "$kept/rates.json"
mkdir "$kept/rates.json"
says 0 draw cat --timesteps 3 --seed 7 -o again.png
cmp -s 1.png again.png || fail "a folder in the rates' place: another picture"

finish
