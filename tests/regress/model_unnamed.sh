#!/bin/sh
# model_unnamed.sh - 'motcl draw "a red fox"' where no model was named drew the small model's idea of a fox,
# and said nothing of it.
. "${srcdir:-.}/tests/cli/lib.sh"
mkdir "$MOTCL_DATA_DIR"
make_model "$MOTCL_DATA_DIR/nano"
says='^no model was named: this is nano, .* ('"$MOTCL_DATA_DIR"'/nano); -m DIR or MOTCL_MODEL names another$'

# told ARGS...: it is said once, and not where a model is named, or quiet is asked for
told() {
  says 0 "$@"
  test "$(grep -c "$says" "$room/err")" = 1 || fail "not said once: $*"
  rm -f *.png
  says 0 "$@" -m "$MOTCL_DATA_DIR/nano"
  lacks "$room/err" 'no model was named'
  rm -f *.png
  says 0 "$@" -q
  test ! -s "$room/err" || fail "not quiet: $*"
  rm -f *.png
}
told draw 'a red fox' $quick --size 32x32
told draw 'a red fox' $quick --size 32x32 -n 2
told ask why -d ref --max-tokens 2
told run -t a --write --draw --max-tokens 2 $quick
told plan -d ref
told chat -d ref
told tokenize
(MOTCL_MODEL=$MOTCL_DATA_DIR/nano && export MOTCL_MODEL && "$motcl" tokenize </dev/null >"$room/out" 2>"$room/err") || fail tokenize
test ! -s "$room/err" || fail 'a model in MOTCL_MODEL is none'
says 0 draw cat --save-job cat.pb
lacks "$room/err" 'no model was named'
finish
