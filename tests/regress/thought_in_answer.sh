#!/bin/sh
# thought_in_answer.sh - the text of 'motcl ask --think' held the thought too, tags and all, on stdout and in
# the JSON; and of a picture that was thought about first, the thought had taken all the time.
. "${srcdir:-.}/tests/cli/lib.sh"
nano="-m $srcdir/examples/nano/model --seed 1"

# is EXPRESSION: it holds of the items on stdout
is() {
  python3 -c '
import json, sys
a = json.load(open(sys.argv[1], encoding="utf-8"))["answer"]
sys.exit(not eval(sys.argv[2]))' "$room/out" "$1" 2>"$room/err" || fail "not so: $1"
}

says 0 draw 'a big red star at the top on white' $nano -o star.png
says 0 ask --think star.png 'describe the picture' $nano --json
is '[sorted(i)[-1] for i in a] == ["tokens", "tokens"] and len(a) == 2'
is 'a[0]["thought"] and "think>" not in a[0]["thought"] + a[1]["text"] and a[1]["text"][0] != " "'
is 'a[0]["tokens"] > 2 and a[1]["tokens"] > 2 and not a[0]["cut_off"] and not a[1]["cut_off"]'
python3 -c '
import json, sys
a = json.load(open(sys.argv[1], encoding="utf-8"))["answer"]
open("thought", "w").write("<think> " + a[0]["thought"] + " </think>\n")
open("text", "w").write(a[1]["text"] + "\n")' "$room/out"
says 0 ask --think star.png 'describe the picture' $nano
cmp -s "$room/out" text || fail 'stdout has more than the answer'
cmp -s "$room/err" thought || fail 'stderr has something else than the thought'
says 0 ask --think star.png 'describe the picture' $nano -q
cmp -s "$room/out" text && test ! -s "$room/err" || fail '-q is not quiet, or says less'
says 0 run -i star.png -t 'describe the picture' --think --write $nano
cmp -s "$room/out" text || fail 'run says it otherwise'
printf '/think on\n/image star.png\ndescribe the picture\n' | "$motcl" chat $nano >"$room/out" 2>"$room/err" || fail chat
cmp -s "$room/out" text || fail 'chat says it otherwise'
sed "1,2d" "$room/err" | cmp -s - thought || fail "chat thinks otherwise" # behind what its commands answer

# What comes after it is made from all of it: as before, from the thought too.
says 0 run -i star.png -t 'describe the picture' --think --write --draw --max-think-tokens 1 --timesteps 2 $nano -o after.png
says 0 inspect after.png --json
python3 -c '
import json, sys
parts = json.load(open(sys.argv[1], encoding="utf-8"))["metadata"]["prompt"]
assert open("thought").read().strip() + " " + open("text").read().strip() in parts, parts' "$room/out" || fail 'the thought is lost'

# A thought that takes all there is leaves no answer.
says 0 ask --think star.png 'describe the picture' $nano --json --max-tokens 4
is '[i["cut_off"] for i in a] == [True, True] and a[0]["tokens"] == 4 and (a[1]["text"], a[1]["tokens"]) == ("", 0)'
says 0 ask --think star.png 'describe the picture' $nano --max-tokens 4
holds "$room/err" '^the thought was cut off after 4 tokens; --max-tokens N lets it go on$'
test "$(wc -c <"$room/out")" = 1 || fail 'part of a thought is an answer'

# Times are those of each: one token takes less than 200 steps.
says 0 draw --think 'something round and pink' $nano --max-think-tokens 1 --timesteps 201 --json -o thought.png
is 'len(a) == 2 and a[0]["tokens"] == 1 and 0 < a[0]["seconds"] < a[1]["seconds"]'
finish
