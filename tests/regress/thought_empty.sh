#!/bin/sh
# thought_empty.sh - where a thought was asked for and the model thought nothing, --json told of none, as if nobody
# had asked. With this seed the first token that this model takes is the one that ends.
. "${srcdir:-.}/tests/cli/lib.sh"
small
empty="-d ref --timesteps 2 --size 16x16 --seed 322 --temperature 1000 --max-think-tokens 1"

says 0 draw cat $empty --think --json -o a.png
holds "$room/out" '"thought": "",'
holds "$room/out" '"tokens": 0'
holds "$room/out" '"cut_off": false'
says 0 run --like a.png -d ref -o again.png
cmp -s a.png again.png || fail 'another picture comes back'
says 0 draw cat $empty --json -o b.png
lacks "$room/out" '"thought"'
cmp -s a.png b.png && fail 'an empty thought is none'
printf '/draw cat\n' | "$motcl" chat $empty --think --json >"$room/out" 2>"$room/err" || fail chat
holds "$room/out" '"thought":""'
finish
