#!/bin/sh
# symbols.sh - what the shared library exports, what motcl.sym lists and what motcl.h declares are
# the same names.
set -u
work=symbols-test.$$
trap 'rm -rf "$work"' EXIT
mkdir "$work" || exit 1
src=${srcdir:-.}
failed=0

same() {
  diff "$2" "$3" >"$work/diff" && return
  echo "$1"
  grep '^[<>]' "$work/diff"
  failed=1
}

LC_ALL=C sort -c "$src/host/motcl.sym" || failed=1
LC_ALL=C sort -u "$src/host/motcl.sym" >"$work/sym"
tr '\n' ' ' <"$src/host/motcl.h" | sed 's/MOTCL_API/\n&/g' |
  sed -n 's/^MOTCL_API [^(;]*[ *]\(motcl_[a-z0-9_]*\)(.*/\1/p' | LC_ALL=C sort -u >"$work/header"
test -s "$work/header" || { echo "no declaration found in motcl.h"; failed=1; }
same "motcl.sym (<) and motcl.h (>) differ:" "$work/sym" "$work/header"

# A static-only build has no shared library; what it exports is then checked by another build.
lib=.libs/libmotcl.so
if test -e "$lib"; then
  ${NM:-nm} -D --defined-only "$lib" | awk '$2 ~ /^[A-Z]$/ { print $3 }' | LC_ALL=C sort -u >"$work/lib"
  same "motcl.sym (<) and the shared library (>) differ:" "$work/sym" "$work/lib"
elif grep -q '^build_libtool_libs=yes' libtool; then
  echo "$lib is missing"
  failed=1
fi
exit $failed
