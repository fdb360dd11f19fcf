#!/bin/sh
# manual.sh - pages of the manual: one for each command, each without a formatter's complaint, with
# every option that the command takes and every variable that it reads; and the examples of the help text.
. "${srcdir:-.}/tests/cli/lib.sh"
pages=$build/manual
says 0 --help
commands=$(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$room/out")
test -n "$commands" || fail "no commands in the help text"

# options of a help text, or of a page made plain
options_of() {
  sed -n 's/^ *\(-[a-zA-Z], \)\{0,1\}\(--[a-z-]*\).*/\2/p' "$1" | sort
}

examples_of() {
  sed -n '/^EXAMPLES/,/^SEE ALSO/s/^ *\$ //p' "$1" | sort
}

variables_of() {
  sed -n '/^Environment variables:/,/^$/s/^  \([A-Z_]*\) .*/\1/p' "$1"
}

headings='NAME SYNOPSIS DESCRIPTION OPTIONS JSON ENVIRONMENT EXIT STATUS EXAMPLES SEE ALSO '
# page NAME: its source is there and has the usual sections
page() {
  test -s "$pages/$1.1" || fail "there is no page $1.1"
  found=$(sed -n 's/^\.SH //p' "$pages/$1.1" | grep -v -e '^COMMANDS$' -e '^CONFIGURATION$' -e '^FILES$' | tr '\n' ' ')
  test "$found" = "$headings" || fail "$1.1 has the sections $found"
  awk 'length > 200 { exit 1 }' "$pages/$1.1" || fail "a long line in $1.1"
}

# compare COMMAND: the help text and the page tell the same
compare() {
  says 0 $1 --help-all
  options_of "$room/out" >"$room/options"
  test -s "$room/options" || fail "no options in the help of $1"
  groff -man -Tascii -P-cbou -rLL=200n "$pages/motcl-$1.1" >"$room/plain" 2>"$room/complaints" &&
    groff -man -Tutf8 -ww -z "$pages/motcl-$1.1" 2>>"$room/complaints"
  test ! -s "$room/complaints" || fail "groff says of motcl-$1.1: $(head -n 3 "$room/complaints")"
  sed -n '/^OPTIONS/,/^JSON/p' "$room/plain" >"$room/section"
  options_of "$room/section" | cmp -s - "$room/options" ||
    fail "the options of motcl-$1.1 are not those of motcl $1"
  sed -n '/^JSON/,/^ENVIRONMENT/p' "$room/plain" | grep -q '([a-z ]*)$' || fail "motcl-$1.1 names no member of its JSON"
  for variable in $(variables_of "$room/out"); do
    holds "$room/plain" "^ *$variable"
    grep -qF "| \`$variable\` |" "$srcdir/README.md" || fail "README.md does not tell of $variable"
  done
  says 0 $1 --help
  sed -n '/^Examples:/,$s/^  //p' "$room/out" | sort >"$room/examples"
  examples_of "$room/plain" | cmp -s - "$room/examples" || fail "motcl-$1.1 has other examples than the help of $1"
  grep -Fqx -f "$room/examples" "$room/first" || fail "motcl.1 has no example of $1"
}

page motcl
for command in $commands; do
  page "motcl-$command"
  grep -q "motcl.-$command (1)" "$pages/motcl.1" || fail "motcl.1 does not name $command"
done
test "$(ls "$pages"/*.1 | wc -l)" = "$(($(echo $commands | wc -w) + 1))" || fail "pages of no command"
if ! command -v groff >/dev/null 2>&1; then
  test $failed = 0 || exit 1
  echo "skip: no groff (Debian: groff-base)"
  exit 77
fi
groff -man -Tutf8 -ww -z "$pages/motcl.1" 2>"$room/complaints"
test ! -s "$room/complaints" || fail "groff says of motcl.1: $(head -n 3 "$room/complaints")"
groff -man -Tascii -P-cbou -rLL=200n "$pages/motcl.1" >"$room/plain"
examples_of "$room/plain" >"$room/first"
if test -f "$pages/motcld.8"; then
  groff -man -Tutf8 -ww -z "$pages/motcld.8" 2>"$room/complaints"
  test ! -s "$room/complaints" || fail "groff says of motcld.8: $(head -n 3 "$room/complaints")"
fi
for command in $commands; do
  compare "$command"
done

finish
