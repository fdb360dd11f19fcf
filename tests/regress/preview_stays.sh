#!/bin/sh
# preview_stays.sh - with --preview the last that stood in the terminal was the rough map of a picture on its way:
# the finished one takes its place, and nothing of it is left.
. "${srcdir:-.}/tests/cli/lib.sh"
small
XDG_CACHE_HOME=$room/cache
LC_ALL=C.UTF-8
export XDG_CACHE_HOME LC_ALL
block=$(printf '\342\226\200')

# drawn SIZE ARGS...: rows of pictures on the $terminal, which must be $rows of $columns blocks, and no other
drawn() {
  size=$1
  shift
  TERM=$terminal python3 "$srcdir/tests/cli/screen.py" $size "$motcl" draw cat -d ref --timesteps 6 --seed 7 \
    --size 64x48 "$@" </dev/null >"$room/out" 2>"$room/err" || fail "$*: exit status $?"
  grep "$block" "$room/out" >blocks
  test "$(wc -l <blocks)" = "$rows" || fail "$size $*: $(wc -l <blocks) rows of pictures, not $rows"
  sed "s/$block/#/g" blocks | awk -v columns=$columns 'length($0) != columns { exit 1 }' ||
    fail "$size $*: rows of another width than $columns"
}

terminal=xterm-256color
columns=64
rows=24
drawn 80x40 --preview -o a.png
columns=39
rows=14
drawn 40x40 --preview -o b.png
columns=64
rows=48
drawn 200x60 --preview -n 2 -o c.png
rows=0
drawn 80x40 -o d.png

# a terminal that shows pixels has no blocks, of previews neither
terminal=xterm-kitty
! grep -q '^#define HAVE_CHAFA' "$build/config.h" || COLORTERM=truecolor drawn 80x40 --preview -o e.png
finish
