#!/bin/sh
# home_not_writable.sh - where HOME cannot be written to, as in many containers, or the disk under its cache
# is full, PoCL had no device and motcl said "install a driver", or PoCL's compiler ended the process with
# words of its own. Tests had named a folder for PoCL, which hid both. PoCL keeps what it compiles, and
# takes it for granted that it can.
. "${srcdir:-.}/tests/cli/lib.sh"
small
unset XDG_CACHE_HOME POCL_CACHE_DIR TMPDIR
python_with json
keeps_kernels || { # another platform
  says 0 ask what -d ref --max-tokens 2
  finish
}
mkdir "$room/home" "$room/tmp"
HOME=$room/home
export HOME

# nothing is named: the ordinary places
says 0 ask what --max-tokens 2
cp "$room/out" "$room/want"
test -d "$room/home/.cache/pocl/kcache" || fail "PoCL keeps its kernels elsewhere than it does by itself"
test -d "$room/home/.cache/motcl" || fail "motcl keeps nothing"
says 0 ask what --max-tokens 2
cmp -s "$room/out" "$room/want" || fail "another answer with kept kernels"

# elsewhere ENVIRONMENT...: PoCL's folder is one among temporary files, and the answer the same
elsewhere() {
  rm -rf "$room/tmp"
  mkdir "$room/tmp"
  env "$@" TMPDIR="$room/tmp" "$motcl" ask what --max-tokens 2 -v >"$room/out" 2>"$room/err" </dev/null ||
    fail "$*: exit status $?"
  cmp -s "$room/out" "$room/want" || fail "$*: another answer"
  holds "$room/err" "^PoCL keeps kernels in '$room/tmp/motcl-"
  test "$(ls "$room/tmp"/motcl-* | wc -l)" -gt 0 || fail "$*: no kernels are kept"
  env "$@" TMPDIR="$room/tmp" "$motcl" ask what --max-tokens 2 >"$room/out" 2>"$room/err" </dev/null
  lacks "$room/err" 'PoCL'
}
: >"$room/file"
elsewhere -u HOME
elsewhere HOME=/proc
elsewhere HOME="$room/file"
elsewhere XDG_CACHE_HOME=/proc
elsewhere POCL_CACHE_DIR=/proc/here
elsewhere POCL_CACHE_DIR="$room/file"

# an empty name is none, at which PoCL would end the process
POCL_CACHE_DIR= says 0 ask what --max-tokens 2
cmp -s "$room/out" "$room/want" || fail "another answer with an empty name"

# nowhere: one sentence, which says what is wanted
HOME=/proc TMPDIR=/proc refused 3 'POCL_CACHE_DIR' ask what --max-tokens 2
HOME=/proc TMPDIR=/proc refused 3 'POCL_CACHE_DIR' ask what --max-tokens 2 -d cpu
HOME=/proc TMPDIR=/proc says 0 ask what --max-tokens 2 -d ref
for list in devices --version; do
  HOME=/proc TMPDIR=/proc says 0 $list
  lacks "$room/out" 'cpu  *0:0'
  holds "$room/err" 'POCL_CACHE_DIR'
done
(
  ulimit -f 100
  HOME=$room/other refused 3 'POCL_CACHE_DIR' ask what --max-tokens 2
  exit $failed
) || failed=1

# a full disk, where we may have one
mkdir "$room/disk"
if test "$(id -u)" = 0 && mount -t tmpfs -o size=256k tmpfs "$room/disk" 2>/dev/null; then
  elsewhere XDG_CACHE_HOME="$room/disk"
  XDG_CACHE_HOME=$room/disk TMPDIR=$room/disk refused 3 'has room' ask what --max-tokens 2
  umount "$room/disk"

  # and one that fills up while kernels are built: in the beginning the build fails, later LLVM calls exit
  for json in '' --json; do
    mount -t tmpfs -o size=20m tmpfs "$room/disk"
    : >"$room/filling"
    while test -e "$room/filling"; do
      sleep 0.2
      test ! -d "$room/disk/pocl/kcache" || dd if=/dev/zero of="$room/disk/full" bs=1M count=20 2>/dev/null
    done &
    XDG_CACHE_HOME=$room/disk says 1 ask what --max-tokens 2 $json
    rm "$room/filling"
    wait
    holds "$room/err" "^motcl: .* see that the disk.* ha[sv]e* room"
    test -z "$json" || "$python" -m json.tool "$room/out" >/dev/null || fail "no JSON"
    test -z "$json" || holds "$room/out" '"\(EIO\|EBUILD\)"'
    umount "$room/disk"
  done
fi

finish
