#!/bin/sh
# wrappings.sh - the ways in which BAGEL and its fine-tunes are packed: those that hold plain numbers open and
# draw what the model draws, the others are named with what to do. wrap.py makes them of a miniature.
. "${srcdir:-.}/tests/cli/lib.sh"
make_model "$room/plain" --dtype bf16
same="$quick --size 32x32 --no-metadata --force"

# wrap KIND: that wrapping, in a folder of this name
wrap() {
  python3 "$srcdir/tests/cli/wrap.py" "$1" "$room/plain" "$room/$1" || fail "wrap.py $1"
}

# opens MODEL: it can be used, and gives the same bytes as the plain one
opens() {
  says 0 inspect "$room/$1"
  mv "$room/out" "$room/looked"
  says 0 draw 'a cat' $same -m "$room/$1" -o got.png
  cmp -s want.png got.png || fail "$1: another picture than the plain model's"
}

# tells PATTERN: the last `motcl inspect` has such a line
tells() {
  grep -q -e "$1" "$room/looked" || fail "inspect does not say '$1': $(cat "$room/looked")"
}

# named KIND PATTERN: refused by every command, in one sentence with these words
named() {
  wrap "$1"
  bad "$2" "$1"
}

# bad PATTERN MODEL
bad() {
  for command in 'draw cat' 'ask cat' 'plan' 'inspect'; do
    case $command in
    inspect) refused 1 "$1" inspect "$room/$2" ;;
    *) refused 1 "$1" $command -d ref -m "$room/$2" ;;
    esac
  done
}

says 0 draw 'a cat' $same -m "$room/plain" -o want.png

# any names; a file of macOS beside them is none
wrap named
opens named
tells '^files  *Fine-Tune_v2 bf16.safetensors, flux1-vae.sft$'
opens 'named/Fine-Tune_v2 bf16.safetensors'
echo 'a cat' | "$motcl" tokenize -m "$room/named/Fine-Tune_v2 bf16.safetensors" >"$room/out" 2>"$room/err" ||
  fail 'tokenize with the name of a file'
bad 'has no decoder' named/flux1-vae.sft
(cd "$room/named" && "$motcl" inspect 'Fine-Tune_v2 bf16.safetensors' >"$room/out" 2>"$room/err") || fail 'a file without a folder'

# several files
wrap indexed
opens indexed
tells '^files  *model.safetensors.index.json, ae.safetensors$'
opens indexed/model.safetensors.index.json
bad "model-00001-of-00003.safetensors' is one of several files: name the index" indexed/model-00001-of-00003.safetensors
wrap odd-index
opens odd-index
tells '^files  *bagel.index.json, ae.safetensors$'
! grep -q 'holds a decoder too' "$room/looked" || fail 'files of an index are told of'
named missing-shards "2 of them are missing: model-00001-of-00003.safetensors, model-00003-of-00003.safetensors;"
named no-index "model-00001-of-00003.safetensors' is one of several"

wrap stale-index
opens stale-index
tells '^files  *model.safetensors, ae.safetensors$'
tells 'remark: .* 1 of them is missing: ema.safetensors; .*(it was not needed)$'

# averaged weights come first
wrap ema-and-model
opens ema-and-model
tells "remark: 'model.safetensors' holds a decoder too, and 'ema_bf16.safetensors' was taken"
says 0 draw 'a cat' $same -m "$room/ema-and-model/model.safetensors" -o got.png
! cmp -s want.png got.png || fail 'the file that was named was not taken'

# what others put before the names
wrap module
opens module

# configuration from elsewhere
wrap single
opens single
opens single/bagel.safetensors
tells '^files  *bagel.safetensors$'
tells 'remark: llm_config.json is not there: it was taken from the header'
tells 'remark: vit_config.json is not there: it was taken from the header'
digest=$(sed -n 's/^digest //p' "$room/looked")
wrap single-other
says 0 inspect "$room/single-other"
grep -q '^digest' "$room/out" || fail 'no digest'
! grep -q -e "$digest" "$room/out" || fail 'another configuration in the header has the same digest'
named single-damaged 'metadata of the weight file'
wrap nested
opens nested
tells 'remark: llm_config.json is not there: it was taken from config.json'
named no-config 'has no llm_config.json'
wrap published
says 0 inspect "$room/published"
mv "$room/out" "$room/looked"
tells 'remark: llm_config.json is not there: it was taken from BAGEL-7B-MoT'
tells 'remark: vit_config.json is not there: it was taken from BAGEL-7B-MoT'
tells '^decoder  *MoT, 28 layers of 3584, 28 heads and 4 for keys of 128, inner 18944, vocabulary 152064$'
tells '^vision  *26 layers of 1152, 16 heads of 72, inner 4304, patches of 14, table 70x70$'

# tables
make_model "$room/tables" --dtype bf16 --tables --latent-side 8
says 0 draw 'a cat' $quick --size 32x32 -m "$room/tables" -o small.png
refused 2 'sides go up to 128' draw 'a cat' $quick --size 512x512 -m "$room/tables"
wrap no-tables
opens no-tables
tells '^computed beside  *2 '
tells 'table 70x70$'
wrap odd-table
says 1 inspect "$room/odd-table"
grep -q "^wrong: 'latent_pos_embed.pos_embed' has 5 rows" "$room/out" || fail 'a table that is no square'

wrap hollow-table
says 1 inspect "$room/hollow-table"
grep -q "position_embedding.weight' is \[16777216, 0\]" "$room/out" || fail 'a table without numbers'

# added tokens
wrap added
opens added
for text in '<image_start>' '<image_end>'; do
  printf %s "$text" | "$motcl" tokenize -m "$room/added" >"$room/out" 2>"$room/err" || fail 'tokenize with added tokens'
  test "$(wc -w <"$room/out")" = 1 || fail "'$text' is no single token"
done

# what is no weights
named lfs "ema.safetensors' is a Git LFS pointer"
named lfs-autoencoder "ae.safetensors' is a Git LFS pointer"
named lfs-but-model "ema.safetensors' is a Git LFS pointer"
named html 'is a web page'
named html-config "llm_config.json' is a web page"
wrap lfs-tokenizer
refused 1 "vocab.json' is a Git LFS pointer" draw cat -d ref -m "$room/lfs-tokenizer"
says 1 inspect "$room/lfs-tokenizer"
grep -q "^wrong: .*vocab.json' is a Git LFS pointer" "$room/out" || fail 'a pointer in place of a vocabulary'
named denied 'is a text and no weights'
named gguf 'is a GGUF file'
named pickled 'is a pickled file'
named cut 'cut short'
named cut-header 'cut short in its header'
named unfinished 'is a download that did not finish'
named autoencoder-only 'has no weights'
bad 'is a GGUF file' gguf/bagel-Q4_K_M.gguf

# what is no plain numbers
named fp8 'has its weights in FP8'
named int8 'has its weights in INT8'
named nf4 'has its weights in 4 bits of bitsandbytes'
named df11 'has its weights in DFloat11'
wrap fp8-beside
opens fp8-beside
bad 'has its weights in FP8' fp8-beside/ema-FP8.safetensors

finish
