#!/bin/sh
# negative_made_plain.sh - a picture whose negative text has CRs came out another by --like, without a word, and a
# conversation that went on from such a job had another negative text. Seen by: whoever calls the library or
# writes jobs, which may say so. What was the matter: what was read from a recipe or a job was made plain as
# if it had been typed.
. "${srcdir:-.}/tests/cli/lib.sh"
small

# odd FILE: the marks in a job's negative text become a mark of UTF-8 and CRs
odd() {
  python3 -c 'import sys
data = open(sys.argv[1], "rb").read()
assert b"@@@blue#green circle#" in data
open(sys.argv[1], "wb").write(data.replace(b"@@@blue#green circle#", b"\xef\xbb\xbfblue\rgreen circle\r"))' "$1" ||
    fail "no negative text in $1"
}
says 0 draw cat --timesteps 3 --size 16x16 --seed 7 --negative '@@@blue#green circle#' --save-job job.pb
odd job.pb
says 0 run --job job.pb -d ref -o drawn.png
says 0 run --like drawn.png -d ref -o again.png
cmp -s drawn.png again.png || fail '--like draws another picture'
says 0 run --like drawn.png -d ref --negative "$(printf 'blue\r\ngreen\r\n')" -o typed.png
says 0 run --like drawn.png -d ref --negative "$(printf 'blue\ngreen')" -o plain.png
cmp -s typed.png plain.png || fail 'what is typed over a recipe is not made plain'

printf '/draw cat\n/save talk.pb\n' | "$motcl" chat $quick --size 16x16 --negative '@@@blue#green circle#' >"$room/out" 2>"$room/err" || fail 'chat'
odd talk.pb
printf '/save back.pb\n' | "$motcl" chat -d ref --job talk.pb >"$room/out" 2>"$room/err" || fail 'chat --job'
python3 -c 'import sys
back = open("back.pb", "rb").read()
sys.exit(b"blue\rgreen" not in back or b"blue\ngreen" in back)' || fail 'a conversation does not keep the negative text of its job'
printf '/save typed.pb\n' | "$motcl" chat -d ref --job talk.pb --negative "$(printf 'blue\r\n')" >"$room/out" 2>"$room/err" ||
  fail 'chat --job --negative'
printf '/save plain.pb\n' | "$motcl" chat -d ref --job talk.pb --negative blue >"$room/out" 2>"$room/err" ||
  fail 'chat --job --negative'
cmp -s typed.pb plain.pb || fail 'what is typed over a job is not made plain'
finish
