#!/bin/sh
# text_forgotten.sh - 'motcl ask c.png' answered the text "c.png": whoever typed a picture and forgot the
# question got an answer to something else. The last word was always taken as the text.
. "${srcdir:-.}/tests/cli/lib.sh"
small
says 0 draw cat $quick --size 32x32 --no-metadata -o c.png
cp c.png photo
says 0 draw cat $quick --size 32x32 -o c.webp
mv c.webp packed
: >empty.jpg
mkdir folder.png

for picture in c.png ./c.png photo packed empty.jpg; do
  refused 2 "the question is missing: '$picture' is a picture" ask $picture -d ref
  refused 2 "the prompt is missing: '$picture' is a picture" draw $picture -d ref
  refused 2 "the instruction is missing: '$picture' is a picture" edit c.png $picture -d ref
done
refused 2 'the question is missing' ask c.png photo -d ref
refused 2 'the question is missing' plan ask c.png -d ref
refused 2 'the instruction is missing' edit c.png -d ref
refused 2 'the question is missing' ask c.png --save-job c.pb
printf 'c.png\n/draw c.png\n/edit c.png\n' | "$motcl" chat -d ref >"$room/out" 2>"$room/err" && fail 'chat takes names as texts'
test "$(grep -c "'/image c.png' shows it" "$room/err")" = 3 || fail 'chat does not say how pictures are shown'

# What is meant is said: as run's text it is one. A file that is not there may be a slip.
# Nothing else is said but where the answer was cut off.
undoubted() {
  says 0 "$@" -d ref --max-tokens 2
  grep -qv '^the answer was cut off' "$room/err" && fail 'a text is doubted'
}
undoubted run -t c.png --write
undoubted ask c.pgn
says 0 ask d.png -d ref --max-tokens 2
holds "$room/err" "^there is no file 'd.png', so that is taken as the text$"
undoubted ask 'what is in d.png'
says 0 ask d.png -d ref --max-tokens 2 -q
test ! -s "$room/err" || fail '-q is not quiet'
finish
