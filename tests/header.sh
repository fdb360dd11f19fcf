#!/bin/sh
# header.sh - motcl.h compiles alone, twice in one file, as C11 and as C++, without a warning.
set -u
work=header-test.$$
trap 'rm -rf "$work"' EXIT
mkdir "$work" || exit 1
printf '#include "motcl.h"\n#include "motcl.h"\nint main(void) { return motcl_version() == 0; }\n' \
  >"$work/t.c"
cp "$work/t.c" "$work/t.cc"
failed=0
${CC:-cc} -std=c11 -Wall -Wextra -Wpedantic -Werror -I"${srcdir:-.}/host" -c "$work/t.c" \
  -o "$work/c.o" || { echo "motcl.h does not compile alone as C11"; failed=1; }
${CXX:-c++} -std=c++11 -Wall -Wextra -Wpedantic -Werror -I"${srcdir:-.}/host" -c "$work/t.cc" \
  -o "$work/cc.o" || { echo "motcl.h does not compile alone as C++11"; failed=1; }
exit $failed
