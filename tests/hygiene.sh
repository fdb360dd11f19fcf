#!/bin/sh
# hygiene.sh - text files are clean: no trailing blanks, no carriage returns, a newline at the end,
# no path of somebody's machine, no e-mail address. Reads what git tracks, or the sources of an unpacked
# archive.
set -u
cd "${srcdir:-.}" || exit 1
if git rev-parse --git-dir >/dev/null 2>&1 && test -n "$(git ls-files configure.ac)"; then
  list='git ls-files'
else
  list='find README.md CONTRIBUTING.md Makefile.am configure.ac build-aux doc drivers examples host kernels m4 proto protocols tests
    -name *.[ch] -o -name *.cl -o -name *.clh -o -name *.sh -o -name *.awk -o -name *.am
    -o -name *.ac -o -name *.inc -o -name *.m4 -o -name *.md -o -name *.csv -o -name *.proto -o -name *.py'
fi
set -f
$list | grep -v -e '^m4/l[ti]' -e 'ltmain.sh$' -e 'LICENSE$' -e '\.png$' -e '\.jpe\{0,1\}g$' -e '\.webp$' \
  -e '\.npy$' -e '\.npz$' -e '\.bin$' -e '\.gz$' -e '\.xz$' -e '\.pb$' -e '^tests/fuzz/corpus/' -e '\.safetensors$' | sort | "${AWK:-awk}" '
function bad(why) {
  printf "%s:%d: %s\n", file, line, why
  failed = 1
}
function read(  text, got) {
  line = 0
  while ((got = (getline text < file)) > 0) {
    line++
    if (text ~ /\r/)
      bad("a carriage return")
    else if (text ~ /[ \t]$/)
      bad("blanks at the end")
    if (text ~ machine)
      bad("a path of one machine")
    if (text ~ address)
      bad("an e-mail address")
  }
  close(file)
  if (got < 0)
    return
  if (system("test -s \"" file "\" && test -n \"$(tail -c 1 \"" file "\")\"") == 0)
    bad("no newline at the end")
}
BEGIN {
  # written in pieces, so that this file passes its own test
  machine = "/" "work/|/tmp" "/build|/home" "/[a-z]|/ro" "ot/"
  address = "[A-Za-z0-9._-]+" "@[A-Za-z0-9-]+\\.[A-Za-z]+"
}
{
  file = $0
  read()
  files++
}
END {
  if (files < 20) {
    print "only " files + 0 " files found: this test looks in the wrong place"
    failed = 1
  }
  exit failed
}
'
