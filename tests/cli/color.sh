#!/bin/sh
# color.sh - colours are for terminals, and not for those who ask for none.
. "${srcdir:-.}/tests/cli/lib.sh"
if ! command -v script >/dev/null 2>&1; then
  echo "skip: no script"
  exit 77
fi
red=$(printf '\033\\[')

# shown: what a terminal shows of an error
shown() {
  script -qc "$motcl frobnicate" /dev/null </dev/null >"$room/out" 2>"$room/err"
  holds "$room/out" 'there is no command'
}
TERM=xterm
export TERM
shown
holds "$room/out" "$red"
NO_COLOR=1
export NO_COLOR
shown
lacks "$room/out" "$red"
NO_COLOR=
shown
holds "$room/out" "$red"
TERM=dumb
shown
lacks "$room/out" "$red"
TERM=xterm
"$motcl" frobnicate >"$room/out" 2>"$room/err"
holds "$room/err" 'there is no command'
lacks "$room/err" "$red"

finish
