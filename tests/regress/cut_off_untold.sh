#!/bin/sh
# cut_off_untold.sh - an answer that --max-tokens cut off looked like one that had come to its end: nobody
# said so, neither on stderr nor in the JSON.
. "${srcdir:-.}/tests/cli/lib.sh"
nano="-m $srcdir/examples/nano/model --seed 1"
says 0 draw 'a big red star at the top on white' $nano -o star.png
line='^the answer was cut off after 3 tokens; --max-tokens N lets it go on$'

says 0 ask star.png 'describe the picture' $nano
test ! -s "$room/err" || fail 'a whole answer is said to be cut off'
says 0 ask star.png 'describe the picture' $nano --max-tokens 3
test "$(grep -c "$line" "$room/err")" = 1 && test "$(wc -l <"$room/err")" = 1 || fail 'not said in one line'
says 0 ask star.png 'describe the picture' $nano --max-tokens 3 -q
test ! -s "$room/err" || fail '-q is not quiet'
says 0 ask star.png 'describe the picture' $nano --max-tokens 3 --json
holds "$room/out" '"cut_off": true'
holds "$room/err" "$line"
says 0 ask star.png 'describe the picture' $nano --json
holds "$room/out" '"cut_off": false'
says 0 run -i star.png -t 'describe the picture' --write --max-tokens 3 -t 'what colour is the star?' --write $nano
test "$(grep -c "$line" "$room/err")" = 1 || fail 'not said of the first alone'
printf '/image star.png\ndescribe the picture\n/set max-tokens 20\ndescribe the picture\n' |
  "$motcl" chat $nano --max-tokens 3 >"$room/out" 2>"$room/err" || fail chat
test "$(grep -c "$line" "$room/err")" = 1 || fail 'chat does not say it once'
says 0 draw --think 'something round and pink' $nano --max-think-tokens 3 --timesteps 2 -o thought.png
holds "$room/err" '^the thought was cut off after 3 tokens; --max-think-tokens N lets it go on$'

# Where it is the model that has no more places, that is said.
cp -r "$srcdir/examples/nano/model" small
chmod -R u+w small
sed 's/"max_position_embeddings": 32768/"max_position_embeddings": 12/' small/llm_config.json >config
mv config small/llm_config.json
says 0 ask star.png 'describe the picture' -m small
holds "$room/err" '^the answer was cut off after [1-9] tokens, where the model.s positions end$'
refused 3 'with an answer of one token' ask star.png 'describe the picture of the star, please' -m small
finish
