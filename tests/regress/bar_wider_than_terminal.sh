#!/bin/sh
# bar_wider_than_terminal.sh - the progress bar took 78 columns of any terminal: in one that has fewer, or was
# made so, each drawing of it left a line behind. Whether there is room is asked for at each drawing.
. "${srcdir:-.}/tests/cli/lib.sh"
small
XDG_CACHE_HOME=$room/cache # no time is known
export XDG_CACHE_HOME
TERM=xterm
export TERM
mkdir "$room/日本語"
long="-d ref --size 128x128 --timesteps 10000 --seed 1 -o $room/日本語/キツネ.png"

# seen SIZE STEPS: what stands on a terminal of that size after the steps; once it is interrupted nothing may be
# left of it
seen() {
  printf "$2show\ntype \\\\x03\n" |
    python3 "$srcdir/tests/cli/screen.py" "$1" "$motcl" draw 雪の中の赤いキツネ $long >"$room/all" 2>"$room/err"
  test $? = 4 || fail "$1: it was not cancelled"
  sed '/^--------$/,$d' "$room/all" >"$room/out"
  left=$(sed '1,/^--------$/d' "$room/all" | tr -d '\n')
  test "$left" = 'motcl: cancelled' || fail "$1: something is left: $left"
}

# bar PATTERN: that is all that stands there
bar() {
  test "$(wc -l <"$room/out")" = 1 || fail 'more than the bar'
  holds "$room/out" "^drawing$1"
}

seen 12x24 'wait drawing\n'
bar '$'
seen 40x24 'wait drawing\nwait left\n'
bar ' [0-9]*/9999  over [0-9]'
seen 80x24 'wait drawing\nwait left\n'
bar '  *[#.]\{23\} [0-9]*/9999  *over [0-9]'
seen 200x24 'wait drawing\nwait left\n'
bar '  *[#.]\{30\} [0-9]*/9999  *over [0-9]'

# made narrower and wider
seen 80x24 'wait drawing\nsize 40x24\ngone ...\n'
bar ' [0-9]*/9999'
seen 40x24 'wait drawing\nsize 80x24\nwait ...\n'
bar '  *[#.]\{23\} [0-9]*/9999'
seen 100x24 'wait drawing\nsize 30x10\ngone ...\nsize 120x24\nwait ...\n'
bar '  *[#.]\{30\} [0-9]*/9999'
seen 100x24 'wait drawing\nsize 40x10\n' # the bar's end may be the first to see the other size

# no line is drawn anew where that cannot be seen
says 0 draw a $quick -o pipe.png
lacks "$room/err" "$(printf '\r')"
TERM=dumb python3 "$srcdir/tests/cli/screen.py" 80x24 "$motcl" draw a $quick -o dumb.png >"$room/out" </dev/null ||
  fail 'a dumb terminal'
test "$(sed 's/, [0-9.]* s, .*//' "$room/out" | tr '\n' ' ')" = 'dumb.png seed 7, 64x48  ' || fail 'more than the result'
finish
