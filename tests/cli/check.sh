#!/bin/sh
# check.sh - inspect --check: models of each kind are found to be good, files with damage are not, and
# both are told to people and to programs.
. "${srcdir:-.}/tests/cli/lib.sh"
small

# good MODEL
good() {
  says 0 inspect --check "$1"
  lacks "$room/out" '^wrong'
  holds "$room/out" 'were read whole'
  for file in "$1"/*.safetensors; do
    sum=$(sha256sum <"$file" | cut -c 1-64)
    holds "$room/out" "^$sum  $(basename "$file")$"
  done
}

good "$room/model"
make_model "$room/dense" --kind dense --dtype bf16
good "$room/dense"
make_model "$room/moe" --kind moe --dtype f16 --shards 3
good "$room/moe"
make_model "$room/patch" --conv-patch
good "$room/patch"
good "$srcdir/examples/nano/model"

# a program is told the same
says 0 inspect --check "$room/moe" --json
for word in '"usable": true' '"check": {' '"tensors": [0-9]' '"name": "ae.safetensors"' '"sha256": "[0-9a-f]\{64\}"'; do
  holds "$room/out" "$word"
done
says 0 inspect "$room/moe" --json
lacks "$room/out" '"check"'

# tables of places that are not those of the format
make_model "$room/tables" --tables
says 0 inspect "$room/tables"
says 1 inspect --check "$room/tables"
one_sentence inspect --check
holds "$room/out" "^wrong: 'latent_pos_embed.pos_embed' is not the table"
holds "$room/out" "^wrong: 'vit_pos_embed.pos_embed' is not the table"

# half a download
cp -r "$room/model" "$room/half"
size=$(wc -c <"$room/half/ema.safetensors")
truncate -s $((size / 2)) "$room/half/ema.safetensors"
truncate -s "$size" "$room/half/ema.safetensors"
says 0 inspect "$room/half"
says 1 inspect --check "$room/half"
holds "$room/out" '^wrong: .* is all zero'
says 1 inspect --check "$room/half" --json
holds "$room/out" '"error": true'
holds "$room/out" '"usable": false'

# how far it is
says 0 inspect --check "$room/model" -v
holds "$room/err" '^checking [0-9]*/[0-9]*'
says 0 inspect --check "$room/model"
test ! -s "$room/err" || fail "there is more on stderr than was asked for"

says 0 draw cat $quick -o a.png
refused 2 'is for a model, and' inspect --check a.png
refused 1 'nowhere' inspect --check "$room/nowhere"

finish
