#!/bin/sh
# several.sh - several answers to one request: in order, each as if those before it had been parts; their files,
# their names, and their making from their own metadata.
. "${srcdir:-.}/tests/cli/lib.sh"
small

# Two pictures: the first is that of draw, the second that of the parts it was drawn from.
says 0 run --size 48x32 $quick -t "a fox" --draw --draw
printf 'motcl-7.png\nmotcl-8.png\n' | cmp -s - "$room/out" || fail "not the names of two pictures"
is_png motcl-7.png
is_png motcl-8.png
says 0 run --size 48x32 $quick -t "a fox" --draw --draw -o two.png --no-metadata
says 0 draw "a fox" --size 48x32 $quick -o one.png --no-metadata
cmp -s one.png two-7.png || fail "the first picture is not that of draw"
says 0 run -t "a fox" -i motcl-7.png --draw --size 48x32 -d ref --timesteps 3 --seed 8 \
  --cfg-image 1 --cfg-interval 0.4:1 --cfg-renorm global -o part.png --no-metadata
cmp -s part.png two-8.png || fail "the second picture is not that of the first as a part"
says 0 run --like motcl-8.png -i motcl-7.png -d ref -o again.png --no-metadata
cmp -s again.png two-8.png || fail "the second picture is not made again by its metadata"

# Text, picture, text: stdout has them in order, and the picture knows the text.
story="run --max-tokens 6 --size 48x32 $quick -t a --write --draw --write"
says 0 $story -o story.png
lines=$(grep -a -n '^story.png$' "$room/out" | cut -d: -f1)
test -n "$lines" && test "$lines" -gt 1 || fail "no text before the picture"
test "$(wc -l <"$room/out")" -gt "$lines" || fail "no text after the picture"
cp "$room/out" told
says 0 ask a --max-tokens 6 -d ref --seed 7
head -n $((lines - 1)) told | cmp -s - "$room/out" || fail "the first text is not that of ask"
says 0 $story -o story2.png --no-metadata
says 0 run --like story.png -d ref -o story3.png --no-metadata
cmp -s story2.png story3.png || fail "the picture is not made again with the text before it"

# Thoughts before pictures are parts too, and a JPEG is no loss to what comes after.
think="run --think --max-think-tokens 5 --size 48x32 $quick -t a --draw --draw"
says 0 $think -o t.png
says 0 $think -o t.jpg --no-metadata
is_png t-7.png
is_jpeg t-7.jpg
says 0 run --like t-8.png -i t-7.png -d ref -o t2.jpg --no-metadata
cmp -s t2.jpg t-8.jpg || fail "the picture is not made again with the thoughts before it"

# In the order in which it is typed: what stands behind an answer is said after it, and does not
# reach it. Each has its own settings and its own seed, or those of all.
all="--timesteps 3 --size 32x32 --cfg-image 1 --cfg-interval 0.4:1 --cfg-renorm global"
turns="run $all --max-tokens 6 -d ref --seed 7 -t one --draw --size 48x32 --negative dog -t two --write --seed 40 \
  --temperature 1 --system three --draw --timesteps 4 --think --max-think-tokens 3 -i motcl-7.png -t four --draw --seed 7"
says 0 $turns -o turn.png
sed 's/^turn-[0-9-]*.png$/P/' "$room/out" >turned
test "$(grep -c '^P$' turned)" = 3 || fail "not three pictures"
test "$(head -n 1 turned)" = P && test "$(tail -n 2 turned)" = "$(printf 'P\nP')" || fail "not in order"
head -n -2 turned | tail -n +2 >written
says 0 $turns -o bare.png --no-metadata
says 0 draw one $all -d ref --size 48x32 --negative dog --seed 7 -o by1.png --no-metadata
cmp -s by1.png bare-7.png || fail "the first picture is not that of what stands before it"
says 0 run -t one -i turn-7.png -t two --write --max-tokens 6 --temperature 1 --seed 40 -d ref
cmp -s written "$room/out" || fail "the text is not that of what stands before it"
for k in 7 '9 -i turn-7.png' '7-2 -i turn-7.png -i turn-9.png -i motcl-7.png'; do
  set -- $k
  n=$1
  shift
  says 0 run --like turn-$n.png "$@" -d ref -o like-$n.png --no-metadata
  cmp -s like-$n.png bare-$n.png || fail "picture $n is not made again by its metadata"
done
says 0 inspect turn-9.png
holds "$room/out" '^timesteps  *4$'
holds "$room/out" '"system": 5'

# What stands behind a single answer is of all; what stands behind an input too.
says 0 run -t one --draw $all --size 48x32 --negative dog --seed 7 -d ref -o by2.png --no-metadata
cmp -s by1.png by2.png || fail "options behind a single answer are another thing"
says 0 run -t one $all --seed 7 --size 48x32 -d ref --draw --negative dog --draw --seed 0 -o by3.png --no-metadata
cmp -s by1.png by3-7.png || fail "options behind an input are not those of all answers"

# By hand it is the same.
printf '/set size 48x32\n/set negative dog\n/draw one\n/set size default\n/seed 8\n/draw two\n' |
  "$motcl" chat --timesteps 3 -d ref --seed 7 --no-metadata >"$room/out" 2>"$room/err" || fail chat
says 0 run --timesteps 3 -d ref --seed 7 --negative dog -t one --draw --size 48x32 -t two --draw \
  -o hand.png --no-metadata
cmp -s hand-7.png motcl-7-1.png || fail "the first picture is not that by hand"
cmp -s hand-8.png motcl-8-2.png || fail "the second picture is not that by hand"

# A system text before everything, of commands that have no order.
says 0 draw cat $quick --system 'be brief' -o s1.png
says 0 run --system 'be brief' -t cat --draw $quick -o s2.png
cmp -s s1.png s2.png || fail "a system text of draw is not that of run"
says 0 draw cat $quick -o s3.png --no-metadata
says 0 draw cat $quick --system 'be brief' -o s4.png --no-metadata
cmp -s s3.png s4.png && fail "a system text changes nothing"
says 0 run --like s1.png -d ref -o s5.png
cmp -s s1.png s5.png || fail "a picture with a system text is not drawn again"

# A stored job in order gives the same, its own seeds and settings too; protoc reads it.
(
  set -- $turns
  shift
  for word; do
    test "$word" = -d || test "$word" = ref || printf '%s\n' "$word"
  done
) >words
xargs -d '\n' "$motcl" run --save-job turns.pb <words >/dev/null 2>"$room/err" || fail "a job in order is not stored"
says 0 run --job turns.pb -d ref -o job.png
sed 's/^job-[0-9-]*.png$/P/' "$room/out" | cmp -s - turned || fail "a stored job in order says something else"
for n in 7 9 7-2; do
  cmp -s job-$n.png turn-$n.png || fail "a stored job in order draws another picture $n"
done
says 0 plan run --job turns.pb -d ref
holds "$room/out" '^fingerprint '

# A stored job says the same.
says 0 run --max-tokens 6 --size 48x32 --timesteps 3 --seed 7 -t a --write --draw --write \
  --save-job story.pb
says 0 run --job story.pb -d ref -o story4.png
sed 's/^story.png$/story4.png/' told | cmp -s - "$room/out" || fail "a stored job says something else"
cmp -s story4.png story.png || fail "a stored job draws something else"

refused 2 'takes one picture, not 2' run -t a --draw --draw -d ref -o -
refused 2 'goes with one result' run -t a --draw --write -d ref -n 2
refused 2 'records one' run -t a --draw --write -d ref --dump d
refused 2 '16 times' run -t a $(printf -- '--write %.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17)
refused 1 'motcl-8.png' run $quick -t a --write --draw
refused 1 't-7.png' run $quick -t a --draw --draw -o t.png
refused 1 't-7.png' run -d ref -t a --draw --seed 3 --draw --seed 7 -o t.png
refused 2 'multiples of 16' run $quick -t a --draw --size 16x16 --draw --size 20x20 -o m.png
# options at the end of a line are the last answer's alone, which is told where no other answer has any
says 0 run $quick --size 16x16 -t a --draw -t b --draw --seed 9 -o told.png
holds "$room/err" '^--seed at the end is for the last answer alone'
says 0 run $quick --size 16x16 -t a --draw --seed 8 -t b --draw --seed 9 -o untold.png
lacks "$room/err" 'at the end'
finish
