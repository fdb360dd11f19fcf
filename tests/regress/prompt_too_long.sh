#!/bin/sh
# prompt_too_long.sh - a prompt longer than the model's max_position_embeddings ran, for minutes, on positions
# that the model was never trained on: nobody read that number.
. "${srcdir:-.}/tests/cli/lib.sh"
small
sed 's/"max_position_embeddings": 32768/"max_position_embeddings": 100/' "$MOTCL_MODEL/llm_config.json" >config
mv config "$MOTCL_MODEL/llm_config.json"
draws="-d ref --timesteps 2 --size 32x32 --seed 7"

# count TEXT: its tokens and two markers
count() { echo $(($(printf %s "$1" | "$motcl" tokenize | wc -w) + 2)); }
# text N: one of N positions
text() { awk -v n=$(($1 - 2)) 'BEGIN { while (i++ < n) printf "7" }'; }
test "$(count "$(text 10)")" = 10 || fail 'a text of another length'

long=$(text 101)
refused 3 'what is said takes 101 positions, and this model has 100 ' draw "$long" $draws
refused 3 'with an answer of one token, takes 105 positions, and this model has 100 ' ask "$long" -d ref
refused 3 'takes 105 positions' plan ask "$long" -d ref
refused 3 'the negative text takes 101 positions, and this model has 100 ' draw cat $draws --negative "$long"
refused 3 'takes 105 positions' run -t "$(text 60)" -t "$(text 41)" --write -d ref
says 0 draw "$(text 100)" $draws --no-metadata -o c.png

# A picture takes one position to be looked at, and another to be drawn from.
says 0 edit c.png "$(text 98)" $draws -o e.png
refused 3 'takes 101 positions' edit c.png "$(text 99)" $draws -o no.png
says 0 ask c.png "$(text 95)" -d ref --max-tokens 2
refused 3 'with an answer of one token, takes 101 positions' ask c.png "$(text 96)" -d ref
printf '%s\n/draw\n/undo\n' "$(text 97)" >script
printf '/system %s\n%s\n' "$(text 60)" "$(text 40)" "$(text 41)" "$(text 30)" >>script
"$motcl" chat $draws --max-tokens 2 <script >"$room/out" 2>"$room/err" && fail 'a conversation goes on for ever'
holds "$room/err" 'takes 1[0-9][0-9] positions, and this model has 100 '

# An answer ends where the positions do, at whatever length it was to have.
says 0 ask "$(text 60)" -d ref --json
python3 - "$room/out" <<'END' || fail 'an answer goes on past the last position'
import json, sys
(text,) = json.load(open(sys.argv[1], encoding="utf-8"))["answer"]
assert 0 < text["tokens"] <= 37, text
END
refused 3 'no position left' ask "$(text 60)" -d ref --think
finish
