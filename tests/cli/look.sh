#!/bin/sh
# look.sh - tokenize, inspect, plan and devices: what is there, for people and for programs.
. "${srcdir:-.}/tests/cli/lib.sh"
small

# tokenize and back
printf 'Hello, caf\303\251! <|im_start|>\n\n' >text
"$motcl" tokenize <text >ids || fail "tokenize"
"$motcl" tokenize --decode <ids >back || fail "tokenize --decode"
cmp -s text back || fail "text to ids and back is another text"
"$motcl" tokenize --json <text >ids.json || fail "tokenize --json"
"$motcl" tokenize --decode <ids.json >back || fail "ids in JSON"
cmp -s text back || fail "ids in JSON are other ids"
echo '[1, 2]' | "$motcl" tokenize --decode >back || fail "ids in a list"
for ids in '{' '{"ids": 1}' '{"ids": [1, -1]}' '{"ids": [4294967296]}' '{"ids": ["1"]}' '{"text": "a"}'; do
  printf '%s' "$ids" | "$motcl" tokenize --decode >"$room/out" 2>"$room/err"
  test $? = 2 || fail "ids '$ids': exit status"
  one_sentence tokenize
done
says 0 tokenize
test "$(cat "$room/out")" = '' || fail "ids of nothing"
printf 'a\377' | "$motcl" tokenize >"$room/out" 2>"$room/err"
test $? = 1 || fail "text that is no UTF-8: exit status"
one_sentence tokenize
for ids in 'x' '1 -2' '99999999999' '1.5'; do
  printf '%s' "$ids" | "$motcl" tokenize --decode >"$room/out" 2>"$room/err"
  test $? = 2 || fail "ids '$ids': exit status"
  one_sentence tokenize
done
printf '999999' | "$motcl" tokenize --decode >"$room/out" 2>"$room/err"
test $? = 2 || fail "an id without a token: exit status"
one_sentence tokenize

# inspect, of every kind of decoder
says 0 inspect "$room/model"
for word in MoT '^und expert' '^gen expert' '^vision encoder' '^autoencoder' 'can be used'; do
  holds "$room/out" "$word"
done
says 0 inspect "$room/model" --json
for word in '"usable": true' '"kind": "MoT"' '"gen expert": {' '"tokens": 404'; do
  holds "$room/out" "$word"
done
odd=$room/$(printf 'm\351del') # no UTF-8
ln -s "$room/model" "$odd"
says 0 inspect "$odd" --json
holds "$room/out" "\"folder\": \"\$'.*/m\\\\\\\\351del'\""
make_model "$room/dense" --kind dense --dtype bf16
says 0 inspect "$room/dense"
holds "$room/out" Dense
holds "$room/out" BF16
lacks "$room/out" '^gen expert'
make_model "$room/moe" --kind moe --shards 3
says 0 inspect "$room/moe"
holds "$room/out" 'MoE'

# plan: nothing is run or written
says 0 plan -d ref
test "$(cut -c 1-13 "$room/out" | tr -d '\n')" = 'device       memory       time         work         fingerprint  ' ||
  fail "plan does not begin and end with its five lines"
says 0 plan -d ref -v
head -n 5 "$room/out" | grep -q '^device       plain C, driver ref$' || fail "-v does not begin with them"
for word in '^decoder: ' '^autoencoder, decoding: ' 'attention' 'memory' '^fingerprint  [0-9a-f]\{32\}$'; do
  holds "$room/out" "$word"
done
says 0 plan -d ref draw cat -o taken.png
says 0 plan draw cat -d ref --json --size 64x64
for word in '"driver": "ref"' '"fingerprint": "[0-9a-f]\{32\}"' '"largest_batch"' '"class": "ref'; do
  holds "$room/out" "$word"
done
says 0 plan ask -d ref what -v
lacks "$room/out" 'autoencoder'
says 0 plan run -d ref -t what --draw --unfused -v
holds "$room/out" ', 0 of them fused'
test ! -e taken.png || fail "plan wrote a picture"
refused 3 'larger budget' plan -d ref --memory 1K

# times: not known before anything ran, then by what it took; a damaged file counts as none
usual=$XDG_CACHE_HOME
XDG_CACHE_HOME=$room/rates
export XDG_CACHE_HOME
says 0 plan draw cat -d ref --size 32x32 --timesteps 3 -v
holds "$room/out" '^  denoise  *2 .* not known$'
holds "$room/out" '^time         not known: '
says 0 draw cat -d ref --size 32x32 --timesteps 3 -o timed.png
holds "$room/rates/motcl/rates.json" '"decoder '
says 0 plan draw cat -d ref --size 32x32 --timesteps 3 -v
holds "$room/out" '^  denoise  *2 .* s$'
lacks "$room/out" 'not known'
says 0 plan draw cat -d ref --size 32x32 --timesteps 3 --json
holds "$room/out" '"seconds": [0-9]'
echo 'no rates' >"$room/rates/motcl/rates.json"
says 0 plan draw cat -d ref --size 32x32 --timesteps 3 -v
holds "$room/out" '^  denoise  *2 .* not known$'
XDG_CACHE_HOME=$usual

# devices
says 0 devices
holds "$room/out" 'ref '
holds "$room/out" '  plain C$'
awk 'length > 120 { exit 1 }' "$room/out" || fail 'the table of devices is wider than 120 columns'
says 0 devices --json
holds "$room/out" '"driver": "ref"'
holds "$room/out" '"max_buffer": [0-9]'

finish
