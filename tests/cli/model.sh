#!/bin/sh
# model.sh - which model is taken: the folder that -m names, else MOTCL_MODEL, else the small one that is
# installed.
. "${srcdir:-.}/tests/cli/lib.sh"

# Folders that are no models are named when they are refused.
mkdir named variable
mkdir -p "$MOTCL_DATA_DIR/nano"
refused 2 'no model was named' draw cat
refused 2 'no model was named' tokenize
: >"$MOTCL_DATA_DIR/nano/llm_config.json"
refused 1 '/share/nano' draw cat -d ref
refused 1 '/share/nano' tokenize
MOTCL_MODEL=variable
export MOTCL_MODEL
refused 1 "'variable'" draw cat -d ref
refused 1 "'variable'" tokenize
refused 1 "'named'" draw cat -d ref -m named
refused 1 "'named'" tokenize -m named
MOTCL_MODEL=
refused 1 '/share/nano' draw cat -d ref

make_model "$MOTCL_DATA_DIR/nano"
says 0 draw cat $quick --size 32x32 -o small.png
says 0 draw cat $quick --size 32x32 -o named.png -m "$MOTCL_DATA_DIR/nano"
is_png small.png
cmp -s small.png named.png || fail "the small model draws another picture without a name"
echo 'a red cat' | "$motcl" tokenize >"$room/out" 2>"$room/err" || fail "tokenize with the small model"

# where nothing is installed, or the name is too long
MOTCL_DATA_DIR=$room/nowhere
refused 2 'no model was named' draw cat
MOTCL_DATA_DIR=$(awk 'BEGIN { while (n++ < 5000) printf "a" }')
refused 2 'no model was named' draw cat

finish
