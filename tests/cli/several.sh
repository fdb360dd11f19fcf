#!/bin/sh
# several.sh - several answers to one request: in order, each as if those before it had been parts; their files,
# their names, and their making from their own metadata.
. "${srcdir:-.}/tests/cli/lib.sh"
small

# Two pictures: the first is that of draw, the second that of the parts it was drawn from.
says 0 run -t "a fox" --draw --draw --size 48x32 $quick
printf 'motcl-7.png\nmotcl-8.png\n' | cmp -s - "$room/out" || fail "not the names of two pictures"
is_png motcl-7.png
is_png motcl-8.png
says 0 run -t "a fox" --draw --draw --size 48x32 $quick -o two.png --no-metadata
says 0 draw "a fox" --size 48x32 $quick -o one.png --no-metadata
cmp -s one.png two-7.png || fail "the first picture is not that of draw"
says 0 run -t "a fox" -i motcl-7.png --draw --size 48x32 -d ref --timesteps 3 --seed 8 \
  --cfg-image 1 --cfg-interval 0.4:1 --cfg-renorm global -o part.png --no-metadata
cmp -s part.png two-8.png || fail "the second picture is not that of the first as a part"
says 0 run --like motcl-8.png -i motcl-7.png -d ref -o again.png --no-metadata
cmp -s again.png two-8.png || fail "the second picture is not made again by its metadata"

# Text, picture, text: stdout has them in order, and the picture knows the text.
story="run -t a --write --draw --write --max-tokens 6 --size 48x32 $quick"
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
think="run -t a --draw --draw --think --max-think-tokens 5 --size 48x32 $quick"
says 0 $think -o t.png
says 0 $think -o t.jpg --no-metadata
is_png t-7.png
is_jpeg t-7.jpg
says 0 run --like t-8.png -i t-7.png -d ref -o t2.jpg --no-metadata
cmp -s t2.jpg t-8.jpg || fail "the picture is not made again with the thoughts before it"

# A stored job says the same.
says 0 run -t a --write --draw --write --max-tokens 6 --size 48x32 --timesteps 3 --seed 7 \
  --save-job story.pb
says 0 run --job story.pb -d ref -o story4.png
sed 's/^story.png$/story4.png/' told | cmp -s - "$room/out" || fail "a stored job says something else"
cmp -s story4.png story.png || fail "a stored job draws something else"

refused 2 'takes one picture, not 2' run -t a --draw --draw -d ref -o -
refused 2 'goes with one result' run -t a --draw --write -d ref -n 2
refused 2 'records one' run -t a --draw --write -d ref --dump d
refused 2 '16 times' run -t a $(printf -- '--write %.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17)
refused 1 'motcl-8.png' run -t a --write --draw $quick
refused 1 't-7.png' run -t a --draw --draw $quick -o t.png
finish
