#!/bin/sh
# models.sh - make_hashed writes, byte for byte, the models that the goldens were made on, and a
# second seed writes others.
set -u
make=$PWD/tests/golden/make_hashed
data=$(cd "${srcdir:-.}/tests/golden/data" && pwd) || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
count=0
for model in "$data"/*; do
  # the options are words
  # shellcheck disable=SC2046
  "$make" $(cat "$model/options") "$work/model" >"$work/digests" || exit 1
  diff "$model/digests" "$work/digests" || {
    echo "${model##*/}: these files are not those that the goldens were made on"
    exit 1
  }
  rm -r "$work/model"
  count=$((count + 1))
done
test "$count" -eq 4 || {
  echo "$count models found in place of 4"
  exit 1
}
"$make" --seed 5 "$work/model" >"$work/digests" || exit 1
if grep safetensors "$data/mot/digests" | grep -Ff - "$work/digests"; then
  echo "another seed wrote the same weights"
  exit 1
fi
