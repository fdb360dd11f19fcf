#!/bin/sh
# models.sh - model folders that cannot be used, each named in a sentence; inspect says the same.
. "${srcdir:-.}/tests/cli/lib.sh"
make_model "$room/good"
LC_ALL=C
export LC_ALL

# spoil NAME FILE SCRIPT: a copy of the good folder with one file edited; lengths must stay
spoil() {
  mkdir "$room/$1"
  for file in "$room/good"/*; do
    ln "$file" "$room/$1/"
  done
  sed "$3" "$room/good/$2" >"$room/spoilt"
  ! cmp -s "$room/spoilt" "$room/good/$2" || fail "$1: nothing was changed"
  mv -f "$room/spoilt" "$room/$1/$2"
}

# bad STATUS PATTERN FOLDER
bad() {
  refused "$1" "$2" ask what -d ref -m "$room/$3"
  refused "$1" "$2" draw what -d ref -m "$room/$3"
  refused "$1" "$2" plan -d ref -m "$room/$3"
  says 1 inspect "$room/$3"
  one_sentence inspect "$3"
}

mkdir "$room/empty"
bad 1 'llm_config.json' empty
bad 1 'missing' missing
: >"$room/file"
bad 1 'file' file
spoil lacks ema.safetensors 's/"language_model.lm_head.weight"/"language_model.lm_heaX.weight"/'
bad 1 'lm_head.weight' lacks
spoil lacks2 ae.safetensors 's/"decoder.conv_in.weight"/"decoder.conv_iX.weight"/'
bad 1 'decoder.conv_in.weight' lacks2
spoil shape ema.safetensors 's/\[416,64\]/[64,416]/'
bad 1 'embed_tokens.weight\|lm_head.weight' shape
spoil type ema.safetensors 's/\("language_model.model.norm.weight":{"dtype":"\)F32/\1I32/'
bad 1 'norm.weight' type
spoil overlap ema.safetensors 's/"data_offsets":\[[1-9]\([0-9]*\),/"data_offsets":[0\1,/'
bad 1 'ema.safetensors' overlap
spoil header ema.safetensors '1s/^\(......\)../\1\o377\o377/'
bad 1 'ema.safetensors' header
spoil config llm_config.json 's/"hidden_size"/"hidden_sizX"/'
bad 1 'hidden_size' config
spoil nan llm_config.json 's/"rope_theta": *[0-9.e]*/"rope_theta": NaN/'
bad 1 'llm_config.json' nan
spoil short ema.safetensors '$d'
bad 1 'ema.safetensors' short

# a tokenizer that does not fit: ids beyond the vocabulary, a marker missing, none at all
spoil ids llm_config.json 's/"vocab_size": *416/"vocab_size": 300/'
bad 1 '.' ids
spoil marker tokenizer_config.json 's/<|vision_start|>/<|vision_starX|>/g'
rm -f "$room/marker/tokenizer.json"
refused 1 'vision_start' draw what -d ref -m "$room/marker"
spoil merges merges.txt 's/^\([^#]\) \(.\)$/\1 ##/'
bad 1 'merges.txt' merges
spoil tokens vocab.json 's/^/x/'
rm "$room/tokens/merges.txt"
bad 1 '.' tokens

# JSON that is too much
spoil huge llm_config.json 's/x/x/;s/{/{ /'
awk 'BEGIN { s = "                "; while (length(s) < 1048576) s = s s; for (i = 0; i < 200; i++) printf "%s", s }' \
  >"$room/blanks"
cat "$room/blanks" "$room/good/llm_config.json" >"$room/spoilt"
mv -f "$room/spoilt" "$room/huge/llm_config.json"
rm "$room/blanks"
bad 1 'llm_config.json' huge
spoil deep llm_config.json 's/{/{ /'
awk 'BEGIN { printf "{\"a\":"; for (i = 0; i < 10000; i++) printf "["; for (i = 0; i < 10000; i++) printf "]"; print "}" }' \
  >"$room/spoilt"
mv -f "$room/spoilt" "$room/deep/llm_config.json"
bad 1 'llm_config.json' deep

finish
