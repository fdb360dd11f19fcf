#!/bin/sh
# fuzz.sh - feeds every fuzz target its corpus: what fuzzing found stays found (fuzz/README.md).
set -u
here=${srcdir:-.}/tests/fuzz
failed=0
count=0
for folder in "$here"/corpus/*; do
  target=tests/fuzz/$(basename "$folder")
  test "$target" = tests/fuzz/request && test ! -x motcld && continue # built without the daemon
  count=$((count + 1))
  "$target" "$folder"/* >"$target.out" 2>&1 || {
    echo "FAILED: $target, in what it names last:"
    tail -n 20 "$target.out"
    failed=1
  }
  tail -n 1 "$target.out" | sed "s|^|$target: |"
  rm -f "$target.out"
done
for source in "$here"/*.c; do
  name=$(basename "$source" .c)
  case $name in
  fuzz | replay) continue ;;
  esac
  test -d "$here/corpus/$name" || {
    echo "FAILED: $name has no corpus"
    failed=1
  }
done
test $count -gt 0 || failed=1
exit $failed
