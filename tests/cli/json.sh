#!/bin/sh
# json.sh - what draw, edit, ask and run print with --json: one object, about what they would have done
# without it.
. "${srcdir:-.}/tests/cli/lib.sh"
if ! command -v python3 >/dev/null 2>&1; then
  echo "skip: no python3"
  exit 77
fi
small

# is EXPRESSION: it holds of the object `j` on stdout, whose answer is `a`
is() {
  python3 -c '
import json, sys
j = json.load(open(sys.argv[1], encoding="utf-8"))
a = j.get("answer")
sys.exit(not eval(sys.argv[2]))' "$room/out" "$1" 2>"$room/err" || fail "not so: $1"
}

says 0 draw 'a cat' $quick --size 48x32 --json -o cat.png
is 'j["driver"] == "ref" and j["device"] and len(j["fingerprint"]) == 32 and j["seconds"] > 0'
is 'len(a) == 1 and a[0]["picture"] == "cat.png" and (a[0]["width"], a[0]["height"]) == (48, 32)'
is 'a[0]["seed"] == "7" and 0 < a[0]["seconds"] <= j["seconds"]'
says 0 draw 'a cat' $quick --size 48x32 -o plain.png
cmp -s cat.png plain.png || fail "--json draws another picture"

says 0 draw 'a cat' $quick --size 32x32 --json -n 2
is '[i["picture"] for i in a] == ["motcl-7.png", "motcl-8.png"] and a[1]["seed"] == "8"'
is_png motcl-8.png
says 0 draw 'a cat' -d ref --timesteps 2 --size 32x32 --json --seed 18446744073709551610 -o large.png
is 'a[0]["seed"] == "18446744073709551610"'

says 0 edit cat.png blue $quick --json -o blue.png
is 'len(a) == 1 and a[0]["picture"] == "blue.png"'

says 0 ask cat.png what -d ref --max-tokens 6
cp "$room/out" answer
says 0 ask cat.png what -d ref --max-tokens 6 --json
is 'len(a) == 1 and a[0]["text"] + "\n" == open("answer", encoding="utf-8").read()'
is '0 <= a[0]["tokens"] <= 6 and a[0]["cut_off"] == (a[0]["tokens"] == 6)'

says 0 run -t cat --draw --think --max-think-tokens 5 $quick --size 32x32 --json -o thought.png
is '["thought" in a[0], "picture" in a[-1], len(a)] == [True, True, 2] and a[0]["tokens"] <= 5'
says 0 ask why -d ref --think --max-tokens 9 --json
is 'all("thought" in i or "text" in i for i in a) and "text" in a[-1]'
says 0 draw cat --seed 18446744073709551615 --json --save-job x.pb
is 'j["job"] == "x.pb" and j["seed"] == "18446744073709551615"'

says 0 run --max-tokens 6 --size 32x32 $quick -t a --write --draw --json -o told.png
is '[("text" in i, "picture" in i, i["seed"]) for i in a] == [(True, False, "7"), (False, True, "8")]'
says 0 run -t a $quick --size 32x32 --draw --seed 9 -t b --draw --seed 9 --draw --json
is '[(i["picture"], i["seed"]) for i in a] == [("motcl-9.png", "9"), ("motcl-9-2.png", "9"), ("motcl-9-3.png", "9")]'

# fails STATUS PATTERN ARGS...: the sentence is on stderr, and an object with it on stdout
fails() {
  ls -a >"$room/before"
  wants=$2
  status=$1
  shift 2
  says "$status" "$@"
  one_sentence "$@"
  holds "$room/err" "$wants"
  ls -a >"$room/after"
  cmp -s "$room/before" "$room/after" || fail "files are left: $(ls -a | tr '\n' ' ')"
  SENTENCE=$(sed 's/^motcl: //' "$room/err")
  export SENTENCE
  python3 -c '
import json, os, sys
j = json.load(open(sys.argv[1], encoding="utf-8"))
assert j["status"] == int(sys.argv[2]) and j["error"]["text"] == os.environ["SENTENCE"] and j["command"] == sys.argv[3]
assert not j.get("answer")' "$room/out" "$status" "$1" 2>"$room/err" || fail "not so told: $*"
}

# nothing but the object, and nothing of what failed
"$motcl" draw cat $quick --size 32x32 --json -o odd-"$(printf '\351')".png >"$room/out" 2>"$room/err" ||
  fail "a name that is no UTF-8"
is 'a[0]["picture"] == "$\x27odd-\\351.png\x27"'
fails 2 'both want stdout' draw cat $quick --json -o -
fails 2 'both want stdout' draw cat --json --save-job -
fails 1 'cat.png' draw cat $quick --json -o cat.png
fails 2 'did you mean' draw cat --sise 3 --json
fails 1 'nothing.png' ask nothing.png what --json
fails 3 'larger budget' draw cat $quick --json --memory 1K -o none.png

finish
