#!/bin/sh
# negative_empty.sh - 'draw --negative ""' draws another picture than without, and the file did not say so: --like
# drew the other one. A line of metadata is never empty; the settings tell it.
. "${srcdir:-.}/tests/cli/lib.sh"
small

says 0 draw cat $quick -o none.png
says 0 draw cat $quick --negative '' -o empty.png
says 0 run --like empty.png -d ref -o again.png
cmp -s empty.png again.png || fail 'another picture comes back'
says 0 run --like none.png -d ref --negative '' -o over.png
cmp -s empty.png over.png || fail 'an empty negative text over none is none'
says 0 inspect empty.png
holds "$room/out" '^negative  *""$'
says 0 inspect empty.png --json
holds "$room/out" '"negative": ""'
says 0 inspect none.png --json
lacks "$room/out" '"negative"'
says 0 draw cat $quick --negative '' -o empty.jpg
says 0 run --like empty.jpg -d ref -o again.jpg
cmp -s empty.jpg again.jpg || fail 'another JPEG comes back'

# a job holds it, of a line and of a picture
says 0 draw cat --timesteps 3 --seed 7 --negative '' --save-job line.pb
says 0 run --job line.pb -d ref -o line.png
cmp -s empty.png line.png || fail 'a job of the line draws another picture'
says 0 run --like empty.png --save-job picture.pb
says 0 run --job picture.pb -d ref -o picture.png
cmp -s empty.png picture.png || fail 'a job of the picture draws another picture'

# and so does a conversation, in which a line has no other way to say it
printf '/set negative ""\n/draw cat\n/set negative default\n/draw cat\n' |
  "$motcl" chat $quick --no-metadata >"$room/out" 2>"$room/err" || fail 'chat'
says 0 draw cat $quick --negative '' --no-metadata -o bare.png
cmp -s motcl-7-1.png bare.png || fail '/set negative "" is not an empty text'
finish
