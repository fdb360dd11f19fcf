#!/bin/sh
# chat.sh - a conversation from a script: what it answers and draws is what the other commands do, it
# is saved and gone on from, and what did not work or was undone has left nothing.
. "${srcdir:-.}/tests/cli/lib.sh"
small
drawn="-d ref --timesteps 3 --size 32x32"
brief="$drawn --max-tokens 6 --max-think-tokens 4"

# chat STATUS SCRIPT OPTION...: the script's lines are a conversation
chat() {
  want=$1
  printf "$2" >"$room/script"
  shift 2
  "$motcl" chat $brief "$@" >"$room/out" 2>"$room/err" <"$room/script"
  got=$?
  test "$got" = "$want" || fail "chat $*: exit status $got, not $want"
}

# Words and pictures are those of ask, draw and edit.
says 0 draw 'a cat' $drawn --seed 7 -o cat.png --no-metadata
chat 0 '/draw a cat\n' --seed 7 --no-metadata
echo motcl-7-1.png | cmp -s - "$room/out" || fail "not the name of a picture"
cmp -s motcl-7-1.png cat.png || fail "/draw draws something else than draw"
says 0 edit cat.png 'in blue' $drawn --seed 7 -o blue.png --no-metadata
chat 0 '/image cat.png\n/edit in blue\n' --seed 7 --no-metadata
cmp -s motcl-7-2.png blue.png || fail "/edit draws something else than edit"
says 0 ask cat.png 'what is it?' -d ref --max-tokens 6 --seed 7
cp "$room/out" answer
chat 0 '/image cat.png\nwhat is it?\n' --seed 7
cmp -s "$room/out" answer || fail "an answer is not that of ask"
says 0 draw '/a cat' $drawn --seed 7 -o slash.png --no-metadata
chat 0 '/draw /a cat\n//x\n' --seed 7 --no-metadata
cmp -s motcl-7-3.png slash.png || fail "a slash is lost"
rm motcl-*

# What comes later sees what came before; saved, it goes on alike.
begin='/image cat.png\nwhat is it?\n/seed 20\n/think on\n/edit in blue\n'
rest='and now?\n/draw\n/edit and a dog\n'
chat 0 "$begin/save one.pb\n$rest" --seed 7 --no-metadata
sed '1,/one.pb/d' "$room/out" >first
mkdir first.d
mv motcl-21-* motcl-22-* motcl-23-* first.d 2>/dev/null
chat 0 "$rest" --job one.pb --no-metadata
sed 's/-[0-9]*\.png$/-N.png/' first >a
sed 's/-[0-9]*\.png$/-N.png/' "$room/out" >b
cmp -s a b || fail "a conversation that was saved goes on differently"
for seed in 22 23; do
  cmp -s first.d/motcl-$seed-*.png motcl-$seed-*.png || fail "picture $seed differs when gone on with"
done
says 0 run --job one.pb -d ref -o again.png --no-metadata
cmp -s again.png first.d/motcl-20-1.png ||
  cmp -s again.png motcl-20-1.png || fail "a saved conversation does not draw the same again"
head -n 2 "$room/out" | head -n 1 | cmp -s - answer || fail "a saved conversation does not answer the same again"

# A picture says how it was made, from pictures drawn before it too.
chat 0 "$begin" --seed 7
says 0 run --like motcl-20-2.png -i cat.png -d ref -o like.png --no-metadata
cmp -s motcl-20-1.png like.png || fail "a picture of a conversation is not made again"
chat 0 '/draw a cat\n/edit in blue\n' --seed 30
says 0 run --like motcl-31-*.png -i motcl-30-1.png -d ref -o like2.png --no-metadata
lacks "$room/err" 'may differ'
chat 0 '/draw a cat\n/edit in blue\n' --seed 30 --no-metadata
cmp -s motcl-31-3.png like2.png || cmp -s motcl-31-2.png like2.png ||
  fail "a picture drawn from a drawn one is not made again"
rm motcl-* one.pb

# Failures and what was undone leave nothing but their sentences.
chat 0 'hello\n/draw a cat\nwhat is it?\n' --seed 3
cp "$room/out" plain
mv motcl-4-1.png plain.png
chat 1 '/undo\nhello\n/image none.png\n/drwa\n/exit\n/draw a dog\n/undo\n/set size 40x40\n/draw x\n/set size 32x32
/image answer\n/edit\n/draw a cat\nwhat?\n/undo\n/think maybe\n/seed x\n/save nowhere/a.pb\nwhat is it?\n' --seed 3
grep -v '^motcl-4-1.png$' "$room/out" | sed 's/motcl-4-2/motcl-4-1/' >noisy
grep -c '^motcl: ' "$room/err" >count
test "$(cat count)" = 11 || fail "$(cat count) sentences, not 11"
holds "$room/err" "did you mean '/draw'"
holds "$room/err" "here it is '/quit'"
holds "$room/err" 'nothing to undo'
holds "$room/err" 'none.png'
holds "$room/err" '10 of the commands did not work'
cmp -s motcl-4-2.png plain.png || fail "a picture differs after failures"
sed '3d' noisy | cmp -s - plain || fail "an answer differs after failures"
rm motcl-*

# Options can be changed; a flag is on or off, a default comes back.
chat 0 '/set size 48x32\n/set cfg-text 2\n/set --negative dogs and birds\n/draw a cat\n/set size default
/set cfg-text default\n/set negative default\n/draw a cat\n/set\n' --seed 7 --no-metadata
holds "$room/out" '^  temperature 0  .*(T)$'
holds "$room/out" '^  cfg-text 4  '
holds "$room/out" '^  cfg-image 1; /edit: 2  '
says 0 draw 'a cat' -d ref --timesteps 3 --size 48x32 --cfg-text 2 --negative 'dogs and birds' \
  --seed 7 -o set.png --no-metadata
cmp -s set.png motcl-7-1.png || fail "/set sets something else than the options"
chat 0 'hello\n' --seed 7 -q
test ! -s "$room/err" || fail "-q is not quiet"
chat 0 '/quit\n/bogus\n'
chat 0 ''
chat 0 '\n\n'
refused 2 'one word too many' chat hello
refused 2 "come from" chat --job -
refused 1 'none.pb' chat --job none.pb
refused 2 "-o is an option of 'motcl draw'" chat -o x.png

# On a terminal lines are edited and kept, Ctrl-C ends what is being done only, and pictures are shown.
mkdir state
pixels=$(grep -c '^#define HAVE_CHAFA' "$build/config.h")
python3 "$srcdir/tests/cli/chat_pty.py" "$motcl" "$room/model" "$PWD/state" "$pixels" >"$room/out" 2>"$room/err" ||
  fail "a conversation on a terminal"
finish
