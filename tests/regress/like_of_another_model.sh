#!/bin/sh
# like_of_another_model.sh - a picture did not say by which model it was drawn, and --like drew another one by
# another model without a word.
. "${srcdir:-.}/tests/cli/lib.sh"
small
make_model "$room/second" --kind moe

says 0 draw cat $quick -o a.png
says 0 inspect "$room/model" --json
digest=$(sed -n 's/^  "digest": "\([0-9a-f]\{16\}\)",$/\1/p' "$room/out")
test -n "$digest" || fail 'a model has no digest'
says 0 inspect a.png
holds "$room/out" '^model  *model$'
holds "$room/out" "^model-digest  *$digest$"

# the same is the same under any name
cp -r "$room/model" "$room/copy"
says 0 run --like a.png -d ref -m "$room/copy/../copy/." -o same.png
lacks "$room/err" 'another model'
says 0 inspect same.png
holds "$room/out" '^model  *copy$'
holds "$room/out" "^model-digest  *$digest$"
says 0 run --like a.png -d ref --json -o same2.png
for line in '"model": "model"' "\"digest\": \"$digest\"" '"same_model": true' '"same_fingerprint": true'; do
  holds "$room/out" "$line"
done

# another one is said to be that, before the work and where that fails, too
says 0 run --like a.png -d ref -m "$room/second" -o other.png
holds "$room/err" "'a.png' was made by another model, model ($digest), not by second ([0-9a-f]\{16\})"
lacks "$room/err" 'in rounding'
says 0 run --like a.png -d ref -m "$room/second" --json -o other2.png
holds "$room/out" '"same_model": false'
holds "$room/err" 'another model'
says 3 run --like a.png -d ref -m "$room/second" --json --memory 1K -o other3.png
holds "$room/out" '"same_model": false'
holds "$room/out" '"same_fingerprint": null'
says 0 run --like a.png -d ref -m "$room/second" -q -o other4.png
test ! -s "$room/err" || fail 'there is something on stderr with -q'

# a folder may say what the model is called
sed -i '1s/{/{"name": "an owl",/' "$room/copy/motcl.json"
says 0 run --like a.png -d ref -m "$room/copy" -o owl.png
holds "$room/err" 'not by an owl ('
says 0 inspect owl.png
holds "$room/out" '^model  *an owl$'

# files of each kind count, and what they are called does not
echo >>"$room/copy/merges.txt"
says 0 run --like a.png -d ref -m "$room/copy" -o other5.png
holds "$room/err" 'another model'
finish
