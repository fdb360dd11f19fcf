#!/bin/sh
# preview_stays.sh - with --preview the last that stood in the terminal was the rough map of a picture on its way:
# the finished one takes its place, and nothing of it is left.
. "${srcdir:-.}/tests/cli/lib.sh"
small
XDG_CACHE_HOME=$room/cache
LC_ALL=C.UTF-8
export XDG_CACHE_HOME LC_ALL
block=$(printf '\342\226\200')

# drawn SIZE STEPS ARGS...: rows of pictures on the terminal, which must be $rows of $columns blocks, and no other
drawn() {
  size=$1
  printf "$2" >steps
  shift 2
  TERM=xterm-256color python3 "$srcdir/tests/cli/screen.py" $size "$motcl" draw cat -d ref --timesteps 6 --seed 7 \
    --size 64x48 "$@" <steps >"$room/out" 2>"$room/err" || fail "$*: exit status $?"
  grep "$block" "$room/out" >blocks
  test "$(wc -l <blocks)" = "$rows" || fail "$size $*: $(wc -l <blocks) rows of pictures, not $rows"
  sed "s/$block/#/g" blocks | awk -v columns=$columns 'length($0) != columns { exit 1 }' ||
    fail "$size $*: rows of another width than $columns"
}

columns=64
rows=24
drawn 80x40 '' --preview -o a.png
columns=39
rows=14
drawn 40x40 '' --preview -o b.png
columns=64
rows=48
drawn 200x60 '' --preview -n 2 -o c.png
rows=0
drawn 80x40 '' -o d.png

# what a terminal's own pixels take the place of
test "$(grep -c '^#define HAVE_CHAFA' "$build/config.h")" = 0 ||
  TERM=xterm-kitty COLORTERM=truecolor python3 "$srcdir/tests/cli/screen.py" 80x40 "$motcl" draw cat -d ref \
    --timesteps 6 --seed 7 --size 64x48 --preview -o e.png </dev/null >"$room/out" 2>"$room/err" || fail pixels
lacks "$room/out" "$block"
finish
