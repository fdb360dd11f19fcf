#!/bin/sh
# compare.sh - the comparison passes what is equal or within bounds and fails all else.
set -u
compare=$PWD/tests/golden/compare
data=$(cd "${srcdir:-.}/tests/golden/data/mot" && pwd) || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

# expect STATUS REFERENCE OTHER [NAME...]
expect() {
  want=$1
  shift
  "$compare" "$@" >"$work/out" 2>&1
  got=$?
  test "$got" -eq "$want" || {
    echo "status $got in place of $want: compare $*"
    cat "$work/out"
    failed=1
  }
}

# change NAME OFFSET-FROM-END BYTE: one byte of a copy of the text-to-image case
change() {
  rm -rf "$work/other"
  cp -r "$data/t2i" "$work/other"
  chmod -R u+w "$work/other"
  size=$(wc -c <"$work/other/$1.npy")
  printf '%b' "$3" | dd of="$work/other/$1.npy" bs=1 seek=$((size - $2)) conv=notrunc 2>/dev/null
}

expect 0 "$data/t2i" "$data/t2i"
expect 0 "$data/pre" "$data/pre"
expect 1 "$data/t2i_channel" "$data/t2i_norenorm"
expect 1 "$data/greedy" "$data/greedy_stop_1" text_ids
expect 1 "$data/t2i" "$data/t2i" no_such_array
expect 1 "$data/t2i" "$data/edit" image_f
expect 2 "$work" "$data/t2i"

change latent 1 '\0177' # the exponent of the last value: huge or not a number
expect 1 "$data/t2i" "$work/other"
change latent 4 '\0001\0377\0377\0177' # not a number
expect 1 "$data/t2i" "$work/other" latent
change image 1 '\0000\0000' # writes past the end: another length than the shape says
expect 1 "$data/t2i" "$work/other" image
change t 4 '\0000'
expect 0 "$data/t2i" "$work/other" x v t
exit $failed
