#!/bin/sh
# protocol.sh - what a fine-tune changes around the model is a protocol: named, in a file, or told from the
# folder; jobs and pictures carry it.
. "${srcdir:-.}/tests/cli/lib.sh"
small
picture=$srcdir/tests/golden/data/mot/pre/5.png

# those that ship: the help has them all, and so has the sentence for one that does not
names=$(cd "$srcdir/protocols" && ls ./*.json | sed 's,^\./,,; s,\.json$,,' | tr '\n' ' ')
refused 2 "there are $(echo $names | sed 's/ /, /g'), and files" draw cat --protocol Bagel
says 0 draw --help
for name in $names; do
  grep -q "[ ,]$name" "$room/out" || fail "the help does not name the protocol $name"
done
refused 1 "'mine.json' cannot be read" draw cat --protocol mine.json
echo '{"name": "mine", "colour": 1}' >mine.json
refused 1 'mine.json: the protocol cannot be read: .* "colour", which this version lacks' draw cat --protocol mine.json
echo nothing >other.json
refused 2 'other.json: that is neither the name' draw cat --protocol ./other.json

# a thought is asked for in the protocol's words, as if they had been said
printf '%s' '{"name": "mine", "think": {"text": "Think aloud.", "picture": "Plan it."}}' >mine.json
says 0 ask 'a cat' --protocol mine.json --think --max-tokens 9 -d ref
cp "$room/out" thought
says 0 run --system 'Think aloud.' -t 'a cat' --write --max-tokens 9 -d ref
cmp -s thought "$room/out" || fail 'the protocol asks for a thought in other words'
says 0 ask 'a cat' --think --max-tokens 9 -d ref
cmp -s thought "$room/out" && fail 'BAGEL asks for a thought in the same words'
says 0 ask 'a cat' --think --max-tokens 9 -d ref --protocol bagel
cp "$room/out" bagel
says 0 ask 'a cat' --think --max-tokens 9 -d ref
cmp -s bagel "$room/out" || fail 'bagel is not what holds where nothing is named'

# its settings are the defaults, and the line is over them, for one answer too
settings() {
  says 0 inspect "$1"
  holds "$room/out" "^$2 *$3\$"
}
printf '%s' '{"name": "mine", "settings": {"timesteps": 4, "shift": 2}, "edit": {"shift": 5}}' >sets.json
says 0 draw cat --protocol sets.json -d ref --seed 1 -o a.png
settings a.png timesteps 4
settings a.png shift 2.0
says 0 edit "$picture" red --protocol sets.json --timesteps 3 -d ref --seed 1 -o b.png
settings b.png timesteps 3
settings b.png shift 5.0
says 0 run --seed 1 -t cat --draw --shift 7 -t red --draw --protocol sets.json -d ref -o c.png
settings c-1.png shift 7.0
settings c-1.png timesteps 4
settings c-2.png shift 2.0

mkdir -p "$room/set/motcl"
echo 'timesteps 5' >"$room/set/motcl/config"
XDG_CONFIG_HOME=$room/set "$motcl" draw cat --protocol sets.json -d ref --seed 1 -o d.png >/dev/null 2>&1
settings d.png timesteps 5
settings d.png shift 2.0

# pictures and jobs carry it, whole if it is a file's
rm -f sets.json
says 0 run --like b.png -i "$picture" -d ref -o again.png
cmp -s b.png again.png || fail 'a picture is not the same again by its protocol'
says 0 run --like a.png --protocol thinkmorph -d ref -o other.png
settings other.png protocol thinkmorph
settings other.png timesteps 4
says 0 ask 'a cat' --protocol mine.json --think --max-tokens 9 --save-job job.pb
cp mine.json kept.json
rm -f mine.json
says 0 run --job job.pb -d ref
cmp -s thought "$room/out" || fail 'a stored job has lost its protocol'
says 0 run --job job.pb --protocol bagel -d ref
cmp -s bagel "$room/out" || fail 'a stored job is not done by the protocol of the line'

# sizes: those of motcl.json come first; a model without any is brought to the protocol's
cp -r "$room/model" "$room/bare"
sed 's/"picture"/"note"/' "$room/model/motcl.json" | python3 -c '
import json, sys
ours = json.load(sys.stdin)
ours.pop("note", None)
json.dump(ours, open(sys.argv[1], "w"))' "$room/bare/motcl.json"
printf '%s' '{"name": "small", "picture": {"vae": {"longest": 48, "shortest": 48, "stride": 16},
  "vit": {"longest": 28, "shortest": 14, "stride": 14}}}' >small.json
says 0 plan edit "$picture" red -m "$room/bare" --protocol small.json -d ref
says 0 edit "$picture" red $quick -m "$room/bare" --protocol small.json -o fit.png
says 0 inspect fit.png
holds "$room/out" '^size .*48'
says 0 edit "$picture" red $quick --protocol small.json -o own.png
says 0 edit "$picture" red $quick -o plain.png
says 0 inspect own.png
own=$(grep '^size' "$room/out")
says 0 inspect plain.png
test "$own" = "$(grep '^size' "$room/out")" || fail "motcl.json's sizes do not come first"
sed -i 's/"stride": 14/"stride": 5/' small.json
refused 2 'must be multiples of 16 and 14' edit "$picture" red $quick -m "$room/bare" --protocol small.json

# told from the folder: by its name, or by motcl.json, which may hold all of one
says 0 inspect "$MOTCL_MODEL"
holds "$room/out" '^protocol *bagel: nothing says otherwise'
cp -r "$room/model" "$room/ThinkMorph-7B"
says 0 inspect "$room/ThinkMorph-7B"
holds "$room/out" "^protocol *thinkmorph: by the model's name"
says 0 ask 'a cat' -m "$room/ThinkMorph-7B" --think --max-tokens 9 -d ref --seed 3
cp "$room/out" told
says 0 ask 'a cat' --protocol thinkmorph --think --max-tokens 9 -d ref --seed 3
cmp -s told "$room/out" || fail 'the protocol that a folder tells does not hold'
says 0 draw cat -m "$room/ThinkMorph-7B" $quick -o told.png
settings told.png protocol thinkmorph
settings told.png temperature 0.3
python3 - "$room/ThinkMorph-7B/motcl.json" kept.json <<'END'
import json, sys
ours = json.load(open(sys.argv[1]))
ours["protocol"] = json.load(open(sys.argv[2]))
json.dump(ours, open(sys.argv[1], "w"))
END
says 0 ask 'a cat' -m "$room/ThinkMorph-7B" --think --max-tokens 9 -d ref
cmp -s thought "$room/out" || fail 'the protocol that a folder holds does not hold'
sed -i 's/Think aloud/Think/; s/"protocol": {/"protocol": {"colour": 1, /' "$room/ThinkMorph-7B/motcl.json"
says 1 inspect "$room/ThinkMorph-7B"
holds "$room/out" '^wrong: motcl.json: the protocol cannot be read'

# a conversation has it, and keeps it
printf 'a cat\n/save talk.pb\n' | "$motcl" chat --protocol kept.json --think --max-tokens 9 -d ref >"$room/out" 2>"$room/err" ||
  fail 'a conversation by a protocol'
head -n 1 "$room/out" >one
head -n 1 thought | cmp -s - one || fail 'a conversation asks in other words'
says 0 run --job talk.pb -d ref
cmp -s thought "$room/out" || fail 'a saved conversation has lost its protocol'
exit $failed
