#!/bin/sh
# names.sh - what pictures' files are called: patterns with a seed and a number, folders, and plain names.
. "${srcdir:-.}/tests/cli/lib.sh"
small
plain="draw cat $quick --no-metadata"
two="run $quick --size 32x32 -t a --draw --draw"

# named NAME... -- ARGS...: these are printed, in order, and there
named() {
  : >"$room/names"
  while test "$1" != --; do
    printf '%s\n' "$1" >>"$room/names"
    shift
  done
  shift
  says 0 "$@"
  cmp -s "$room/names" "$room/out" || fail "not the names $(tr '\n' ' ' <"$room/names")"
  while read -r file; do
    test -f "$file" || fail "no file '$file'"
  done <"$room/names"
}

# one picture, and several of -n
named fox-7.png -- $plain -o fox-%s.png
named fox-7.jpg fox-8.jpg -- $plain -n 2 -o fox-%s.jpg
is_jpeg fox-8.jpg
named 1.png -- $plain -o %n.png
named 1-of-7.png 2-of-8.png -- $plain -n 2 -o %n-of-%s.png
cmp -s 1-of-7.png fox-7.png || fail "a name changes the picture"
named '7%.png' -- $plain -o %s%%.png

# of run: each picture has its number, whatever is written between them
named r1.png r2.png -- $two -o r%n.png
named r7.png r8.png -- $two -o r%s.png
says 0 run $quick --size 32x32 --max-tokens 2 -t a --write --draw --write --draw -o w%n-%s.png
test -f w1-8.png && test -f w2-10.png || fail "not the names of pictures between texts: $(ls w*)"
named t1.png t2.png -- $two --seed 7 -o t%n.png
says 0 $two -o j%n.png --json
holds "$room/out" '"picture": "j1.png"'
holds "$room/out" '"picture": "j2.png"'

# names that would be equal are refused before the work, whatever makes them so
refused 2 "both go to 'x7.png'.*%n" run $quick -t a --draw --seed 7 --draw --seed 7 -o x%s.png
set -- --draw --seed 11
for seed in 2 3 4 5 6 7 8 9 10 1; do
  set -- "$@" --draw --seed $seed
done
refused 2 "both go to 'x111.png'" run -d ref --timesteps 3 -t a "$@" -o x%s%n.png

# without a letter that differs each has its seed before the ending, and its number if it needs one
named p-7.png p-8.png -- $two -o p.png
named 'p%-7.png' 'p%-8.png' -- $two -o p%%.png
named q-7.png q-7-2.png -- run $quick --size 32x32 -t a --draw --seed 7 --draw --seed 7 -o q.png

# folders, there or with a slash; their own names are no patterns
mkdir folder 'odd%d' like.jpg
named folder/motcl-7.png -- $plain -o folder
named folder/motcl-8.png folder/motcl-9.png -- draw cat -d ref --timesteps 3 --seed 8 -n 2 -o folder/
named like.jpg/motcl-7.png like.jpg/motcl-8.png -- $two -o like.jpg
is_png like.jpg/motcl-8.png
named 'odd%d/7.png' -- $plain -o odd%d/%s.png
named ./motcl-7.png -- $plain -o .
refused 1 'folder/motcl-7.png. exists already' $plain -o folder/
refused 1 'nowhere/motcl-7.png' $plain -o nowhere/
refused 2 'or be that of a folder' $plain -o nowhere

# files that are there are found before the work by the names that they will have
refused 1 'fox-7.jpg' draw cat -d ref --timesteps 3 --seed 5 -n 3 -o fox-%s.jpg
refused 2 'the picture and --trace' $two -o s%n.png --trace s2.png
refused 1 'r1.png' $two -o r%n.png

# other letters
for name in x%d.png x%.png x%S.png %%%.png x%é.png; do
  refused 2 "%s is the seed, %n the number of the picture, %% a percent sign" $plain -o $name
done
refused 2 'must end in' $plain -o fox-%s
finish
