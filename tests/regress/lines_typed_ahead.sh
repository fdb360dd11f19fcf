#!/bin/sh
# lines_typed_ahead.sh - what was typed in a chat while an answer came stood in the middle of the answer, and on a
# plain terminal nowhere else. It is shown when its turn comes; afterwards the terminal shows again what is typed.
. "${srcdir:-.}/tests/cli/lib.sh"
small --seed 8 # its answers have no end
XDG_STATE_HOME=$PWD/state
export XDG_STATE_HOME
screen="python3 $srcdir/tests/cli/screen.py 80x24"

# answers TERMINAL: each line stands behind a prompt
answers() {
  grep -a '^> ' "$room/out" >"$room/prompts"
  printf '> hello\n> second\n> 日本語\n> /seed\n> /quit\n' | cmp -s - "$room/prompts" ||
    fail "$1: the lines do not stand where they belong"
  test "$(grep -a -c second "$room/out")" = 1 || fail "$1: a line is shown twice"
}

says 0 ask hello -d ref --max-tokens 400
begin=$(head -n 1 "$room/out" | cut -c 1-8)
for terminal in xterm vt100 dumb; do
  printf 'wait >\ntype hello\\r\nwait %s\ntype second\\r\\xe6\\x97\\xa5\\xe6\\x9c\\xac\\xe8\\xaa\\x9e\\r/seed\\r/quit\\r\n' \
    "$begin" >steps
  TERM=$terminal LC_ALL=C.UTF-8 $screen "$motcl" chat -d ref --max-tokens 400 <steps >"$room/out" 2>"$room/err" ||
    fail "$terminal: exit status $?"
  answers $terminal
done

# The terminal is given back.
printf 'wait >\ntype hello\\r\nwait %s\ntype /quit\\r\n' "$begin" >steps
TERM=xterm LC_ALL=C.UTF-8 $screen sh -c "$motcl chat -d ref --max-tokens 100; stty -a" <steps >"$room/out" 2>"$room/err"
holds "$room/out" '\(^\|[^-]\)echo '
finish
