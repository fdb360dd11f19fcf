#!/bin/sh
# listed.sh - every source, header, kernel, test script and page is in a Makefile.inc, so that none is
# forgotten by the build, by `make check` or by the archive.
set -u
cd "${srcdir:-.}" || exit 1
failed=0
count=0
lists=$(find Makefile.am doc drivers examples host kernels proto protocols tests -name Makefile.am -o -name Makefile.inc |
  xargs cat | tr -s '\\ \t' '\n')
for file in examples/*.* examples/cmake/* host/*/*.[ch] drivers/*.[ch] drivers/*/*.[ch] kernels/*.cl* kernels/*/*.cl* \
  kernels/*/*.csv proto/*/*/*.proto protocols/*.json tests/*.sh tests/cli/*.sh tests/fuzz/*.[ch] tests/unit/*.[ch] \
  tests/regress/*.[ch] tests/regress/*.sh; do
  test -f "$file" || continue
  case $file in
  tests/fuzz/fuzz.c | tests/fuzz/replay.c) name=$file ;;
  examples/Makefile.inc) continue ;;
  examples/*.c | tests/unit/*.c | tests/regress/*.c | tests/fuzz/*.c) name=${file%.c} ;;
  kernels/embedded.*) continue ;;
  *) name=$file ;;
  esac
  count=$((count + 1))
  printf '%s\n' "$lists" | grep -qxF -e "$name" || {
    echo "$file is in no Makefile.inc"
    failed=1
  }
done
# Pages: those that git tracks, in an unpacked archive those that are there.
pages=$(git ls-files '*.md' 2>/dev/null)
test -n "$pages" || pages=$(find ./*.md build-aux doc drivers examples host kernels proto protocols tests -name '*.md' | sed 's,^\./,,')
for page in $pages; do
  count=$((count + 1))
  printf '%s\n' "$lists" | grep -qxF -e "$page" || {
    echo "$page is in no Makefile.inc, so the archive lacks it"
    failed=1
  }
done
test "$count" -ge 20 || {
  echo "only $count files found: this test looks in the wrong place"
  failed=1
}
# A merge that keeps all lines may keep one twice, or bring back a line that empties a list.
for list in unit regress; do
  twice=$(sort tests/$list/Makefile.inc | uniq -d | grep -e ' += ')
  test -z "$twice" || {
    echo "tests/$list/Makefile.inc has lines twice: $twice"
    failed=1
  }
  grep -nv -e "^${list}_[a-z]* += " -e "^tests_${list}_" -e "^#" -e "^\$" -e "^[[:space:]]" \
    tests/$list/Makefile.inc || continue
  echo "tests/$list/Makefile.inc may only add to the lists, a line for each file"
  failed=1
done
exit $failed
