#!/bin/sh
# kernels_of_others.sh - kernels that another user had put into a folder that all can write to were loaded
# as native code, by root too: by motcl from its cache, and by PoCL from its. Neither asked whose they
# were. tests/unit/cl_cache has motcl's own.
. "${srcdir:-.}/tests/cli/lib.sh"
small
keeps_kernels || {
  says 0 ask what -d ref --max-tokens 2
  finish
}
kernels=$room/above/kernels
mkdir "$room/tmp" "$room/above"
TMPDIR=$room/tmp
export TMPDIR
umask 022

# ask ARGS...: the answer, and what is said beside that it was cut off
ask() {
  says 0 ask what --max-tokens 2 "$@"
  sed -i '/--max-tokens/d' "$room/err"
}

# in_folder MODE: a folder for PoCL that has that mode
in_folder() {
  rm -rf "$kernels"
  POCL_CACHE_DIR=$kernels
  export POCL_CACHE_DIR
  test ! -e "$room/built" || cp -a "$room/built" "$kernels"
  ask
  test -e "$room/built" || cp -a "$kernels" "$room/built"
  test ! -s "$room/err" || fail "something is said of a folder that is ours"
  cp "$room/out" "$room/want"
  chmod "$1" "$kernels"
}

# passed_over WHAT: it is not used, and that is said, once; -q asks for nothing to be said
passed_over() {
  find "$kernels" | sort >"$room/before"
  ask
  cmp -s "$room/out" "$room/want" || fail "$1: another answer"
  one_sentence "$1"
  holds "$room/err" "others than you can write to '$kernels"
  find "$kernels" | sort >"$room/after"
  cmp -s "$room/before" "$room/after" || fail "$1: something was written there"
  ask -q
  test ! -s "$room/err" || fail "$1: something is said with -q"
}

in_folder 0755
ask
test ! -s "$room/err" || fail "others may read"
in_folder 0777
passed_over "a folder for all"
in_folder 0775
passed_over "a folder for a group"
in_folder 0755
mkdir -m 0777 "$kernels/ZZ"
passed_over "a folder for all in it"
if test "$(id -u)" = 0; then
  # below MODE OWNER:GROUP: the folder that it is in, where others may put another in its place
  below() {
    chown 0:0 "$room/above" && chmod 0755 "$room/above"
    in_folder 0755
    chown "$2" "$room/above" && chmod "$1" "$room/above"
  }
  below 0777 0:0
  passed_over "below a folder for all"
  below 0775 0:1
  passed_over "below a folder for a group"
  below 0755 1:0
  passed_over "below a folder of another"
  below 1777 1:0
  passed_over "below a sticky folder of another"
  below 1777 0:0
  ask
  test ! -s "$room/err" || fail "below a sticky folder"
  below 0755 0:0

  in_folder 0755
  mkdir "$kernels/ZZ" && chown 1 "$kernels/ZZ"
  passed_over "a folder of another in it"
  in_folder 0755
  chown 1 "$kernels"
  passed_over "a folder of another"

  # what another has put where ours would be
  rm -rf "$room/tmp"/* && mkdir -m 0777 "$room/tmp/motcl-0" && chown 1 "$room/tmp/motcl-0"
  refused 3 'POCL_CACHE_DIR' ask what --max-tokens 2 -q
  rm -rf "$room/tmp"/* && mkdir -m 0700 "$room/tmp/real" && ln -s real "$room/tmp/motcl-0"
  refused 3 'POCL_CACHE_DIR' ask what --max-tokens 2 -q
fi

# motcl's own folder
in_folder 0755
XDG_CACHE_HOME=$room/cache
export XDG_CACHE_HOME
ask
test ! -s "$room/err" || fail "something is said of a cache that is ours"
test "$(stat -c %a "$room/cache/motcl/rates.json")" = 600 || fail "others may read rates"
chmod 0666 "$room/cache/motcl/rates.json"
ask
test ! -s "$room/err" || fail "something is said of rates, on which nothing depends"
test "$(stat -c %a "$room/cache/motcl/rates.json")" = 600 || fail "rates of others are kept"
chmod 0777 "$room/cache/motcl"
rm "$room/cache/motcl"/*
ask
one_sentence "a cache for all"
holds "$room/err" "'$room/cache/motcl' is not used"
cmp -s "$room/out" "$room/want" || fail "a cache for all: another answer"
test -z "$(ls "$room/cache/motcl")" || fail "something is kept where all can write"
chmod 0700 "$room/cache/motcl"

# who lets the group write anyhow trusts it
umask 002
in_folder 0775
ask
test ! -s "$room/err" || fail "a folder for a group, with a umask that says so"

finish
