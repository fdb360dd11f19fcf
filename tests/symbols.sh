#!/bin/sh
# symbols.sh - what the shared library exports, what motcl.sym lists and what motcl.h declares are
# the same names; the command has none that is the library's.
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

# A name of the command that a part of the library has too would silently stand in for it.
for object in host/cli/*.o host/cli/*/*.o; do
  test ! -f "$src/${object%.o}.c" || echo "$object"
done >"$work/objects"
# no name of a file has a blank
# shellcheck disable=SC2046
${NM:-nm} -g --defined-only .libs/libmotcl_all.a $(cat "$work/objects") |
  awk '$2 ~ /^[A-Z]$/ && $3 ~ /^mo*t*cl_/ { print $3 }' | LC_ALL=C sort >"$work/all"
test "$(wc -l <"$work/all")" -ge 100 || { echo "hardly any names found"; failed=1; }
LC_ALL=C uniq -d "$work/all" >"$work/twice"
test ! -s "$work/twice" || { echo "names of two things:" && cat "$work/twice"; failed=1; }
exit $failed
