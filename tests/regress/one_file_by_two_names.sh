#!/bin/sh
# one_file_by_two_names.sh - 'a.png' and './a.png' were taken for two files, so that a trace replaced the picture, or a
# preview was in its place until it was done. Seen by: whoever types a folder with one of two outputs. What was
# the matter: names were compared, and not what they lead to.
. "${srcdir:-.}/tests/cli/lib.sh"
small
mkdir sub
ln -s sub link
for names in 'a.png ./a.png' 'sub/a.png link/a.png' 'sub/../a.png a.png' "$PWD/a.png a.png"; do
  set -- $names
  refused 2 'name two files' draw cat $quick -o "$1" --preview-file "$2"
  refused 2 'name two files' draw cat $quick -o "$1" --trace "$2"
  refused 2 'name two files' draw cat $quick -o b.png --preview-file "$1" --trace "$2"
done
says 0 draw cat $quick --size 16x16 -o sub/a.png --preview-file a.png
is_png a.png
is_png sub/a.png
finish
