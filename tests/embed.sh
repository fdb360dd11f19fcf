#!/bin/sh
# embed.sh - a file that embed.awk has put into C comes out of the compiled program byte for byte,
# whatever it holds; carriage returns apart.
set -u
work=embed-test.$$
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/kernels/common" || exit 1
src=$(cd "${srcdir:-.}" && pwd)

printf '#define A(x) \\\n  "%%d\\n" /* a ?\077/ b ?\077= */\n\n\tc = '"'\\\\'"'; // \303\251\n' \
  >"$work/kernels/odd.cl"
: >"$work/kernels/common/empty.clh"
printf 'no newline at the end' >"$work/kernels/last.clh"
cat "$work/kernels/odd.cl" >"$work/want"
printf 'no newline at the end\n' >>"$work/want"
awk '{ printf "%s\r\n", $0 }' "$work/kernels/odd.cl" >"$work/crlf" && mv "$work/crlf" "$work/kernels/odd.cl"

(cd "$work" && ${AWK:-awk} -f "$src/build-aux/embed.awk" kernels/odd.cl kernels/common/empty.clh \
  kernels/last.clh) >"$work/table.c" || exit 1
cat >"$work/main.c" <<'END'
#include <stdio.h>
#include "cl/kernels.h"
int main(void) {
  for (size_t i = 0; i < mcl_kernel_source_count; i++) {
    fprintf(stderr, "%s\n", mcl_kernel_sources[i].name);
    for (size_t j = 0; j < mcl_kernel_sources[i].count; j++)
      fputs(mcl_kernel_sources[i].lines[j], stdout);
  }
  return 0;
}
END
${CC:-cc} -std=c11 -Wall -Wextra -Wpedantic -Werror -I"$src/host" "$work/main.c" "$work/table.c" \
  -o "$work/main" || exit 1
"$work/main" >"$work/got" 2>"$work/names" || exit 1
cmp "$work/want" "$work/got" || { diff "$work/want" "$work/got"; exit 1; }
printf 'odd.cl\ncommon/empty.clh\nlast.clh\n' | diff - "$work/names" || exit 1

if (cd "$work" && ${AWK:-awk} -f "$src/build-aux/embed.awk" kernels/absent.cl) >/dev/null 2>&1; then
  echo "a missing file was not noticed"
  exit 1
fi
