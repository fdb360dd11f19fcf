#!/bin/sh
# stopped_on_the_last.sh - an answer that its stop text ended with the last token that --max-tokens allows was said to be
# cut off: the command knew only how many tokens had come.
. "${srcdir:-.}/tests/cli/lib.sh"
ask="ask -m $srcdir/examples/nano/model --seed 1 --json"
says 0 draw 'a big red star at the top on white' -m "$srcdir/examples/nano/model" --seed 1 -q -o star.png

# The last of three tokens, taken from what is written without a stop text.
for most in 2 3; do
  says 0 $ask star.png 'describe the picture' --max-tokens $most
  sed -n 's/.*"text": "\([^"]*\)".*/\1/p' "$room/out" >$most
done
stop=$(cut -c "$(wc -c <2)-" 3)
test -n "$stop" || fail "no words come with the last token: '$(cat 2)', '$(cat 3)'"
says 0 $ask star.png 'describe the picture' --max-tokens 3 --stop "$stop"
holds "$room/out" '"tokens": 3'
holds "$room/out" '"cut_off": false'
test ! -s "$room/err" || fail 'said to be cut off'
says 0 $ask star.png 'describe the picture' --max-tokens 3 --stop 'not written'
holds "$room/out" '"cut_off": true'
holds "$room/err" '^the answer was cut off after 3 tokens'
finish
