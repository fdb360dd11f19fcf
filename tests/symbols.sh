#!/bin/sh
# symbols.sh - what the libraries export, what motcl.sym lists and what motcl.h declares are the same
# names, with their versions; the command has none that is the library's.
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
awk '{ print $1 }' "$src/host/motcl.sym" | LC_ALL=C sort -u >"$work/sym"
tr '\n' ' ' <"$src/host/motcl.h" | sed 's/MOTCL_API/\n&/g' |
  sed -n 's/^MOTCL_API [^(;]*[ *]\(motcl_[a-z0-9_]*\)(.*/\1/p' | LC_ALL=C sort -u >"$work/header"
test -s "$work/header" || { echo "no declaration found in motcl.h"; failed=1; }
same "motcl.sym (<) and motcl.h (>) differ:" "$work/sym" "$work/header"

# configured CONDITIONAL: of configure.ac
configured() {
  grep -qF "S[\"$1_TRUE\"]=\"\"" config.status
}

# A build may have one of the libraries only. Where the linker gives versions, they stand behind the
# names, and beside them as absolute symbols.
lib=.libs/libmotcl.so
if test -e $lib; then
  ${NM:-nm} -D --defined-only $lib | awk '$2 ~ /^[B-Z]$/ { print $3 }' | LC_ALL=C sort -u >"$work/lib"
  cp "$work/sym" "$work/exported"
  ! configured VERSION_SCRIPT ||
    awk '{ print $1 "@@MOTCL_" (NF > 1 ? $2 : "0.1") }' "$src/host/motcl.sym" | LC_ALL=C sort -u >"$work/exported"
  same "motcl.sym (<) and the shared library (>) differ:" "$work/exported" "$work/lib"
elif grep -q '^build_libtool_libs=yes' libtool; then
  echo "$lib is missing"
  failed=1
fi

lib=.libs/libmotcl.a
if configured ONE_OBJECT && configured STATIC; then
  ${NM:-nm} -g --defined-only $lib | awk '$2 ~ /^[A-Z]$/ { print $3 }' | LC_ALL=C sort -u >"$work/lib"
  same "motcl.sym (<) and the static library (>) differ:" "$work/sym" "$work/lib"
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
