#!/bin/sh
# draw.sh - where pictures go, what they say of themselves, and that settings which must not change
# them do not.
. "${srcdir:-.}/tests/cli/lib.sh"
small

# the default name holds the seed; it is printed, and never taken twice
says 0 draw 'a red cat' $quick
test "$(cat "$room/out")" = motcl-7.png || fail "the name is not what is printed"
is_png motcl-7.png
holds "$room/err" '^seed 7, 64x48, [0-9.]* s, [0-9.e+]* steps/s$'
test "$(wc -l <"$room/err")" = 1 || fail "more than the seed on stderr"
cp motcl-7.png kept
refused 1 'motcl-7.png' draw cat $quick
cmp -s kept motcl-7.png || fail "a picture was changed"

# a seed that is not given is drawn, printed and stored
says 0 draw cat -d ref --timesteps 2
drawn=$(sed -n 's/^seed \([0-9]*\),.*/\1/p' "$room/err")
test -n "$drawn" && test -f "motcl-$drawn.png" || fail "no picture of the seed that was drawn"
holds "motcl-$drawn.png" "seed.$drawn" 2>/dev/null
rm -f motcl-*.png

# names
says 0 draw cat $quick -o a.png -q
test ! -s "$room/err" || fail "quiet is not"
says 0 draw cat $quick -o a.jpg
is_png a.png
is_jpeg a.jpg
says 0 draw cat $quick -o a.webp
is_webp a.webp
says 0 draw cat $quick -oB.PNG
is_png B.PNG
says 0 draw cat $quick -o -
is_png "$room/out"
cmp -s "$room/out" a.png || fail "stdout has another picture than the file"
refused 2 'must end in' draw cat $quick -o a.gif
refused 2 'must end in' draw cat $quick -o png
refused 2 'one picture' draw cat $quick -o - -n 2
refused 1 'a.png' draw cat $quick -o a.png
refused 1 'nowhere' draw cat $quick -o nowhere/a.png
ln -s dangling link.png
refused 1 'link.png' draw cat $quick -o link.png
rm link.png
mkdir closed && chmod 500 closed
if test "$(id -u)" != 0; then
  refused 1 'closed' draw cat $quick -o closed/a.png
fi

# several
says 0 draw cat $quick -n 2 -o many.png
is_png many-7.png
is_png many-8.png
test "$(cat "$room/out")" = "$(printf 'many-7.png\nmany-8.png')" || fail "names of several pictures"
cmp -s many-7.png a.png || fail "the first of several is another picture than alone"
! cmp -s many-7.png many-8.png || fail "two seeds, one picture"
refused 1 'many-8.png' draw cat -d ref --seed 8 -n 2 -o many.png
refused 2 'one picture' draw cat $quick -n 2 --dump d

# metadata
says 0 draw 'a red cat' $quick --negative 'a dog' -o m.png
for word in 'a red cat' 'a dog' '"timesteps": 3' '"cfg-text": 4' '"cfg-interval"' motcl; do
  holds m.png "$word"
done
says 0 draw cat -d ref --seed 9 -o defaults.png
for word in '"timesteps": 50' '"shift": 3' '"cfg-text": 4' '"cfg-image": 1' '"cfg-interval": .0.4, 1' \
  '"cfg-renorm": "global"' '"cfg-renorm-min": 0' '"size": "64x48"'; do
  holds defaults.png "$word"
done
says 0 draw 'a red cat' $quick --negative 'a dog' --no-metadata -o n.jpg
says 0 draw 'a red cat' $quick --negative 'a dog' --no-metadata -o n.png
says 0 draw 'a red cat' $quick --negative 'a dog' --no-metadata -o n.webp
for word in 'a red cat' 'a dog' timesteps motcl; do
  for file in n.png n.jpg n.webp; do
    lacks $file "$word"
  done
done
for file in m.jpg m.webp; do
  says 0 draw 'a red cat' $quick -o $file
  holds $file 'a red cat'
done

# what must not matter, and what must
plain="draw cat $quick --no-metadata"
says 0 $plain -o p.png
says 0 $plain --pass-rows 1 -o p1.png
says 0 $plain --chunk-rows 5 -o p2.png
says 0 $plain --unfused -o p3.png
says 0 $plain --max-buffer 256K -o p4.png
says 0 $plain --size 64x48 -o p5.png
says 0 $plain --dump d -o p6.png
says 0 $plain --noise d/noise.npy -o p7.png
for i in 1 2 3 4 5 6 7; do
  cmp -s p.png p$i.png || fail "p$i.png differs"
done
says 0 $plain --cfg-text 2 -o q1.png
says 0 $plain --shift 1 -o q2.png
says 0 $plain --cfg-renorm none -o q3.png
says 0 $plain --negative dog -o q4.png
says 0 $plain --size 48x64 -o q5.png
for i in 1 2 3 4 5; do
  ! cmp -s p.png q$i.png || fail "q$i.png does not differ"
done

# the reasoning goes to stderr
says 0 draw cat $quick --think --max-think-tokens 8 -o t.png
test "$(cat "$room/out")" = t.png || fail "the reasoning is on stdout"
test "$(wc -c <"$room/err")" -gt 30 || fail "no reasoning on stderr"
says 0 draw cat $quick --think --max-think-tokens 8 -o u.png -q
test ! -s "$room/err" || fail "quiet reasoning is not"
cmp -s t.png u.png || fail "quiet is another picture"

# every step is told to who asks, over a pipe too, and to nobody else
says 0 draw cat -d ref --timesteps 8 --seed 7 -o v.png -v
for step in 1 2 3 4 5 6 7; do
  test "$(grep -c "^drawing $step/7" "$room/err")" = 1 || fail "step $step is not told once"
done
says 0 draw cat -d ref --timesteps 8 --seed 7 -o w.png
lacks "$room/err" '^drawing'

# a prompt from stdin, and one that begins with a hyphen
printf 'cat\n' | "$motcl" draw - $quick --no-metadata -o s.png >"$room/out" 2>"$room/err" ||
  fail "a prompt from stdin"
cmp -s p.png s.png || fail "a prompt from stdin gives another picture"
says 0 draw $quick -o h.png -- -cat

finish
