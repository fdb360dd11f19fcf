#!/bin/sh
# again.sh - what pictures say of their making: inspect shows it, and run --like draws them again;
# and pictures that say nothing, or lie.
. "${srcdir:-.}/tests/cli/lib.sh"
small

# same FILE ARGS...: FILE is drawn again, byte for byte
same() {
  file=$1
  shift
  again=again.${file##*.}
  rm -f $again
  says 0 run --like "$file" -d ref -o $again "$@"
  cmp -s "$file" $again || fail "$file is another picture the second time"
  lacks "$room/err" 'may differ'
}

# changed FILE ARGS...: as if ARGS had been said the first time, which made $plain
changed() {
  file=$1
  shift
  rm -f again.png other.png
  says 0 run --like "$file" -d ref -o again.png "$@"
  says 0 draw "$plain" $quick --negative 'a dog' -o other.png "$@"
  cmp -s other.png again.png || fail "$file with $* is not that"
}

plain='a caf\303\251
"red" on \300 two lines'
plain=$(printf "$plain" | tr -d '\300')
says 0 draw "$plain" $quick --negative 'a dog' -o a.png
says 0 draw "$plain" $quick --negative 'a dog' -o a.jpg
same a.png
same a.jpg
says 0 draw "$plain" $quick --negative 'a dog' -o w.webp
same w.webp
changed a.png --seed 8
changed a.png --timesteps 4 --cfg-renorm none
changed a.jpg --size 32x32
"$motcl" run --like - -d ref -o - <a.png >"$room/out" 2>"$room/err" || fail "stdin"
cmp -s "$room/out" a.png || fail "a picture on stdin is not drawn again"
says 0 run --like a.png --save-job a.pb
says 0 run --job a.pb -d ref -o job.png
cmp -s a.png job.png || fail "a job made of a picture is another one"

says 0 draw x -d ref --seed 3 --timesteps 3 --shift 0.123456789012 --cfg-text 0.1 --cfg-image 1.7 \
  --cfg-interval 0.3:0.7 --cfg-renorm text-channel --cfg-renorm-min 0.333 --think \
  --max-think-tokens 5 --temperature 0.7 -o t.png
same t.png

# pictures that went in are given again
says 0 edit a.png 'paint it red' $quick -o e.png
same e.png -i a.png
says 0 edit a.png a.jpg 'mix them' $quick --vae-sample --no-auto-orient -o e.jpg
same e.jpg -i a.png -i a.jpg
says 0 run -t one -i a.png -t two -t 'three
lines' -i a.jpg --draw $quick -o r.png
same r.png -i a.png -i a.jpg
refused 2 'was drawn from 2 pictures' run --like e.jpg -d ref -o no.png
refused 2 'was drawn from 2 pictures' run --like e.jpg -d ref -i a.png -o no.png
refused 2 'a.jpg. is not the file' run --like e.jpg -d ref -i a.jpg -i a.png -o no.png
refused 2 'one picture more' run --like e.png -d ref -i a.png -i a.jpg -o no.png
refused 2 'one picture more' run --like a.png -d ref -i a.png -o no.png

# and so is noise
says 0 draw cat $quick --no-metadata --dump d -o p.png
says 0 draw cat $quick --noise d/noise.npy -o n.png
same n.png --noise d/noise.npy
refused 2 'with --noise' run --like n.png -d ref -o no.png
says 0 draw cat $quick --seed 8 --no-metadata --dump d2 -o p2.png
refused 2 'not that which' run --like n.png -d ref --noise d2/noise.npy -o no.png

# what does not go together
refused 2 'does not go with --like' run --like a.png -t cat
refused 2 'does not go with --like' run --like a.png --write
refused 2 'does not go with' run --like a.png --job a.pb
refused 2 'only once' run --like - -i -
refused 2 'takes a whole number' run --like a.png --timesteps many
refused 1 'nowhere' run --like nowhere.png

# what was made with something else is made again, and that is said
says 0 run --like a.png -d ref --unfused -o u.png
holds "$room/err" 'may differ'

# inspect
says 0 inspect a.png
for line in 'PNG of 64x48' '^Software  *motcl' '^prompt  *a caf' '^  *"red" on' '^negative  *a dog' \
  '^seed  *7$' '^size  *64x48' '^timesteps  *3' '^cfg-interval  *.0.4, 1.0.' '^fingerprint  *[0-9a-f]' \
  "To make it again: motcl run --like a.png"; do
  holds "$room/out" "$line"
done
says 0 inspect w.webp
holds "$room/out" 'WebP of 64x48'
holds "$room/out" '^prompt  *a caf'
says 0 inspect w.webp --json
holds "$room/out" '"format": "WebP"'
says 0 inspect e.jpg
holds "$room/out" 'JPEG of 64x48'
holds "$room/out" 'for each of the 2 pictures'
says 0 inspect e.jpg --json
for line in '"format": "JPEG"' '"width": 64' '"seed": "7"' '"timesteps": 3' '"repeatable": true' \
  '"pictures": 2' '"picture": "[0-9a-f]\{16\}"'; do
  holds "$room/out" "$line"
done
says 0 inspect p.png
holds "$room/out" 'cannot be made again: '
says 0 inspect p.png --json
holds "$room/out" '"repeatable": false'
holds "$room/out" '"why": ".*that says so'
"$motcl" inspect - <a.png >"$room/out" 2>"$room/err" || fail "inspect of stdin"
holds "$room/out" '^stdin$'
echo 'this is no picture' >text.png
head -c 300 a.png >cut.png
: >empty.png
for file in text.png cut.png empty.png; do
  refused 1 "$file" inspect $file
  refused 1 "$file" run --like $file -d ref
done
refused 1 'that says so' run --like p.png -d ref

# A JPEG may claim anything in a comment: what is true of it is checked, and nothing in it steers a
# terminal. claim TEXT: $lie is p.jpg with this comment.
says 0 draw cat $quick --no-metadata -o p.jpg
lie=lie.jpg
claim() {
  length=$((${#1} + 2))
  {
    printf '\377\330\377\376'
    printf "\\$(printf %o $((length / 256)))\\$(printf %o $((length % 256)))"
    printf %s "$1"
    tail -c +3 p.jpg
  } >$lie
}
good='"size":"64x48","timesteps":3,"shift":3,"cfg-text":4,"cfg-image":1,"cfg-interval":[0.4,1],"cfg-renorm":"global","cfg-renorm-min":0'
claims() {
  claim "{\"prompt\":\"cat\",\"seed\":\"7\",\"settings\":\"{$(echo "$1" | sed 's/"/\\"/g')}\"$2}"
}
claims "$good"
rm -f again.png
says 0 run --like $lie -d ref --no-metadata -o again.png
cmp -s again.png p.png || fail "a comment of somebody's is another picture"
while read -r settings; do
  claims "$settings"
  refused 1 $lie run --like $lie -d ref -o no.png
  says 0 inspect $lie
  holds "$room/out" 'cannot be made again'
done <<END
"size":"64x48"
$good,"timesteps":4
$good,"hidden":"rm -rf"
$(echo "$good" | sed 's/64x48/99999999x99999999/')
$(echo "$good" | sed 's/"timesteps":3/"timesteps":1000000000/')
$(echo "$good" | sed 's/0.4,1/1,0/')
END
claims "$good" ',"parts":"[{\"text\":100000}]"'
refused 1 'contradict' run --like $lie -d ref -o no.png
claim '{"prompt":"\u001b]0;bad\u0007\u009b31m","\u001b[31m":"x"}'
says 0 inspect $lie
lacks "$room/out" "$(printf '\033')"
lacks "$room/out" "$(printf '\007')"
lacks "$room/out" "$(printf '\302\233')"
claim 'made by somebody else'
says 0 inspect $lie
lacks "$room/out" 'somebody'

finish
