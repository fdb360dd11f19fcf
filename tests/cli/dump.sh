#!/bin/sh
# dump.sh - the arrays that --dump promises, with their shapes.
. "${srcdir:-.}/tests/cli/lib.sh"
small

# shape FOLDER NAME TYPE SHAPE
shape() {
  head -c 128 "$1/$2.npy" 2>/dev/null | grep -q -a -F "'descr': '$3', 'fortran_order': False, 'shape': ($4)" ||
    fail "$1/$2: not $3 ($4): $(head -c 128 "$1/$2.npy" | tr -cd '[:print:]')"
}

says 0 draw cat $quick --timesteps 4 --size 64x32 --cfg-interval 0.7:1 --dump d -o a.png
shape d noise '<f4' '8, 64'
shape d t '<f4' '3,'
shape d x '<f4' '3, 8, 64'
shape d v '<f4' '3, 8, 64'
shape d v_parts_0 '<f4' '2, 8, 64'
shape d v_parts_2 '<f4' '1, 8, 64'
shape d latent '<f4' '1, 16, 4, 8'
shape d image_f '<f4' '1, 3, 32, 64'
shape d image '|u1' '32, 64, 3'
test -f d/logits_0.npy || fail "no logits of the prompt"
test -z "$(find d -name '*layer*')" || fail "layers without being asked for"

says 0 draw cat $quick --timesteps 2 --size 64x32 --dump l --dump-layers -o b.png
test "$(find l -type f | wc -l)" -gt "$(find d -type f | wc -l)" || fail "no layers"

says 0 edit a.png red $quick --timesteps 2 --dump e -o c.png
test -f e/vae_latent_0.npy && test -f e/vit_tokens_0.npy || fail "no inner arrays of the picture"
shape e vae_latent_0 '<f4' '1, 16, 4, 8'

says 0 ask a.png what -d ref --max-tokens 3 --dump q
test -f q/text_ids.npy && test -f q/text_logits.npy || fail "no ids and logits of the answer"
test -f q/vit_tokens_0.npy || fail "no vision tokens"

# into a folder that is there, as well
says 0 ask what -d ref --max-tokens 3 --dump q

finish
