#!/bin/sh
# picture_remark.sh - a picture whose file is damaged, but not its pixels, is read with a word about it:
# once, though the estimate before the work reads it too.
. "${srcdir:-.}/tests/cli/lib.sh"
small
says 0 draw cat $quick --size 16x16 -o whole.png
head -c $(($(wc -c <whole.png) - 12)) whole.png >cut.png
says 0 edit whole.png blue $quick -o one.png
cp "$room/err" "$room/quiet"
says 0 edit cut.png blue $quick -o two.png
test "$(grep -c '^motcl: cut.png: the PNG has no end' "$room/err")" = 1 || fail "not one remark"
lacks "$room/quiet" 'no end'
says 0 inspect cut.png
holds "$room/out" '^prompt  *cat$'
says 0 run --like cut.png -d ref -o three.png
cmp -s whole.png three.png || fail "the picture without an end is not made again"
finish
