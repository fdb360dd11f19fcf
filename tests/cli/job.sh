#!/bin/sh
# job.sh - jobs in files: a stored one gives what its command line gives, protoc reads and writes
# them, and what is no job or contradicts one is refused.
. "${srcdir:-.}/tests/cli/lib.sh"
small
protos=$srcdir/proto
protoc=
for tool in protoc protoc-c; do
  command -v $tool >/dev/null 2>&1 && protoc=$tool && break
done
test -n "$protoc" || fail "neither protoc nor protoc-c is there, and motcl is built with one"

# message --encode|--decode: standard input to standard output
message() {
  $protoc "$1=motcl.v1.Job" -I "$protos" motcl/v1/job.proto
}

# save FILE ARGS...: stores a job, prints its name, needs no model
save() {
  stored=$1
  shift
  (
    unset MOTCL_MODEL
    says 0 "$@" --save-job "$stored"
    exit $failed
  ) || failed=1
  test "$(cat "$room/out")" = "$stored" || fail "the name of $stored is not what is printed"
}

# a picture to put in
says 0 draw cat $quick --size 32x32 -o in.png

# what is stored gives the same bytes, metadata and all
set_draw="--size 48x32 --timesteps 3 --seed 7 --shift 2 --cfg-text 3 --cfg-interval 0.1:0.9
  --cfg-renorm channel --cfg-renorm-min 0.1 --negative dog --think --max-think-tokens 4 --temperature 0.5"
says 0 draw 'a red cat' $set_draw -d ref -o direct.png
save draw.pb draw 'a red cat' $set_draw
says 0 run --job draw.pb -d ref -o stored.png
cmp -s direct.png stored.png || fail "a stored job draws another picture"
"$motcl" draw 'a red cat' $set_draw --save-job - >piped.pb 2>"$room/err" || fail "a job to stdout"
cmp -s piped.pb draw.pb || fail "a job on stdout is another one"
"$motcl" run --job - -d ref -o - <draw.pb >piped.png 2>"$room/err" || fail "a job from stdin"
cmp -s direct.png piped.png || fail "a job from stdin draws another picture"

says 0 edit in.png 'make it blue' $quick --vae-sample -o edit.png
save edit.pb edit in.png 'make it blue' --timesteps 3 --seed 7 --vae-sample
mv in.png away.png
says 0 run --job edit.pb -d ref -o edit2.png
mv away.png in.png
cmp -s edit.png edit2.png || fail "a stored edit is another"

says 0 ask in.png 'what is it?' -d ref --max-tokens 5
cp "$room/out" answer
save ask.pb ask in.png 'what is it?' --max-tokens 5
says 0 run --job ask.pb -d ref
cmp -s "$room/out" answer || fail "a stored question has another answer"

says 0 run -t 'one' -i in.png -t 'two' --draw $quick -o run.png
save run.pb run -t 'one' -i in.png -t 'two' --draw --timesteps 3 --seed 7
says 0 run --job run.pb -d ref -o run2.png
cmp -s run.png run2.png || fail "a stored interleaving is another"

says 0 draw cat $quick --dump d -o n.png
save noise.pb draw cat --timesteps 3 --seed 7 --noise d/noise.npy
says 0 draw cat $quick --noise d/noise.npy -o n1.png
says 0 run --job noise.pb -d ref -o n2.png
cmp -s n1.png n2.png || fail "stored noise is another"

# where it runs and what becomes of the result is the line's
says 0 run --job edit.pb -d ref --unfused --pass-rows 2 --no-metadata -o plain.png
lacks plain.png 'make it blue'
says 0 run --job draw.pb -d ref -n 2 -o many.png
is_png many-8.png
says 0 plan run --job edit.pb -d ref
holds "$room/out" '^fingerprint '

# a seed that is not given is drawn, said and stored
says 0 draw cat --save-job drawn.pb
drawn=$(sed -n 's/^seed \([0-9]*\)$/\1/p' "$room/err")
message --decode <drawn.pb >text || fail "protoc cannot read a job"
holds text "^seed: $drawn\$"

# protoc reads what is written
message --decode <draw.pb >text || fail "protoc cannot read a job"
for line in '  text: "a red cat"' 'output: OUTPUT_PICTURE' '  timesteps: 3' '  shift: 2' '  cfg_from: 0.1' \
  '  cfg_renorm: RENORM_CHANNEL' '  negative: "dog"' '  think: true' 'seed: 7' '  width: 48'; do
  holds text "^$line\$"
done
message --encode <text >again.pb || fail "protoc cannot write it again"
says 0 run --job again.pb -d ref -o again.png
cmp -s direct.png again.png || fail "a job through protoc draws another picture"

# and writes what is run; what it leaves out is as on a command line
cat >by-hand.txt <<'END'
part { text: "cat" }
output: OUTPUT_PICTURE
settings { timesteps: 3 }
label { key: "who" value: "me" }
priority: 4
END
message --encode <by-hand.txt >by-hand.pb
says 0 draw cat $quick -o hand1.png
says 0 run --job by-hand.pb -d ref --seed 7 -o hand2.png
cmp -s hand1.png hand2.png || fail "a job by hand draws another picture"
says 0 run --job by-hand.pb -d ref -o hand3.png
holds "$room/err" '^seed [0-9]'

# fields of a later version survive, and those nothing reads
sed 's/^message Settings {/&\n  optional string mood = 1000;/' "$protos/motcl/v1/job.proto" >later.proto
sed 's/^settings {/& mood: "odd"/' by-hand.txt |
  $protoc --encode=motcl.v1.Job later.proto >later.pb || fail "a later message cannot be written"
save later2.pb run --job later.pb --seed 7
$protoc --decode=motcl.v1.Job later.proto <later2.pb >text
for line in '  mood: "odd"' '  key: "who"' 'priority: 4' 'seed: 7'; do
  holds text "^$line\$"
done

# what the line says of how is over the job: it is the picture that the line alone draws
change='--size 32x48 --timesteps 4 --seed 9 --shift 3 --cfg-text 2 --cfg-renorm none --max-think-tokens 3 --temperature 0'
says 0 draw 'a red cat' $set_draw $change --negative '' -d ref -o direct2.png
says 0 run --job draw.pb $change --negative '' -d ref -o over.png
cmp -s direct2.png over.png || fail "a job that the line changes draws another picture"
save over.pb run --job draw.pb $change --negative ''
says 0 run --job over.pb -d ref -o over2.png
cmp -s direct2.png over2.png || fail "a changed job that was stored draws another picture"
says 0 run --job draw.pb -d ref --seed 9 -n 2 -o twice-%s.png
is_png twice-10.png
save noisy.pb run --job by-hand.pb --noise d/noise.npy --seed 7
says 0 run --job noisy.pb -d ref -o n3.png
cmp -s n1.png n3.png || fail "noise over a job is another"

# in the answers' own settings too, and their seeds are counted anew
save own.pb run --timesteps 3 --size 32x32 --seed 7 -t one --draw --size 48x32 --seed 4 -t two --draw --negative dog
says 0 run --timesteps 3 --size 16x32 --seed 20 -t one --draw -t two --draw --negative dog -d ref -o line-%s.png
says 0 run --job own.pb --size 16x32 --seed 20 -d ref -o own-%s.png
for n in 20 21; do
  cmp -s line-$n.png own-$n.png || fail "the line is not over what answer $n has of its own"
done

# what came of a conversation did not come of what it is changed to
printf '/draw a cat\n/save talk.pb\n' | "$motcl" chat --timesteps 3 --size 32x32 --seed 7 -d ref >"$room/out" 2>"$room/err" ||
  fail "a conversation is not saved"
save same.pb run --job talk.pb
message --decode <same.pb >text
holds text ' made {'
save other.pb run --job talk.pb --seed 8
message --decode <other.pb >text
lacks text ' made {'
holds text 'seed: 8'

# what does not go together
for option in '-t cat' '-i in.png' --draw --write '--system be' '--like in.png'; do
  refused 2 'does not go with --job' run --job draw.pb -d ref $option
done
for option in '-o x.png' '-n 2' '-d ref' '--dump e' --no-metadata '--pass-rows 3' '--memory 4G' '-m x'; do
  refused 2 'does not go with --save-job' draw cat --save-job x.pb $option
done
refused 2 'one word too many' run --job draw.pb cat
refused 2 "option of 'motcl run'" draw cat --job draw.pb
refused 2 'plan writes nothing' plan draw cat --save-job x.pb
refused 2 'only one part can be -' ask - - --save-job x.pb
refused 1 'draw.pb' draw cat --save-job draw.pb
refused 1 'nowhere' draw cat --save-job nowhere/x.pb
refused 2 'temperature' draw cat --temperature 1e-9 --save-job x.pb
refused 1 'no UTF-8' draw "$(printf 'a\377b')" --save-job x.pb
printf 'a\0b' | "$motcl" ask - --save-job x.pb >"$room/out" 2>"$room/err"
test $? = 1 || fail "a NUL in a text"
one_sentence ask
holds "$room/err" 'NUL'
"$motcl" draw cat --save-job - >&- 2>"$room/err"
test $? = 1 || fail "a stdout that is closed"
one_sentence draw

# what is no job
refused 1 'missing.pb' run --job missing.pb -d ref
refused 1 'directory' run --job d -d ref
refused 1 'in.png: the job is no motcl.v1.Job' run --job in.png -d ref
: >empty.pb
refused 1 'does not say what is wanted' run --job empty.pb -d ref
head -c 40 draw.pb >cut.pb
refused 1 'cut.pb: the job is no motcl.v1.Job' run --job cut.pb -d ref
refused 1 'stdin: the job' run --job - -d ref

# by_hand STATUS PATTERN TEXT: a job of that text is refused
by_hand() {
  printf '%s\n' "$3" | message --encode >bad.pb || fail "no message: $3"
  refused "$1" "$2" run --job bad.pb -d ref
}
by_hand 2 'nothing was asked' 'output: OUTPUT_PICTURE'
by_hand 1 'does not say what is wanted' 'part { text: "a" }'
by_hand 2 '17 results' "part { text: 'a' } $(printf 'output: OUTPUT_TEXT %.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17)"
by_hand 1 'empty text' 'part { text: "" } output: OUTPUT_TEXT'
by_hand 1 'neither a text nor a picture' 'part { } output: OUTPUT_TEXT'
by_hand 1 'holds a NUL' 'part { text: "a\000b" } output: OUTPUT_TEXT'
by_hand 1 'shift is no finite number' 'part { text: "a" } output: OUTPUT_PICTURE settings { shift: nan }'
by_hand 2 'time shift of 1e+09' 'part { text: "a" } output: OUTPUT_PICTURE settings { shift: 1e9 }'
by_hand 2 'interval 0.8:0.2' \
  'part { text: "a" } output: OUTPUT_PICTURE settings { cfg_from: 0.8 cfg_to: 0.2 }'
by_hand 2 'multiples of 16' 'part { text: "a" } output: OUTPUT_PICTURE settings { width: 17 height: 17 }'
by_hand 2 'tokens must be' 'part { text: "a" } output: OUTPUT_TEXT settings { max_tokens: 0 }'
by_hand 1 'part 1 of the job' 'part { picture: "no picture" } output: OUTPUT_TEXT'
by_hand 1 'part 1 of the job' 'part { picture: "" } output: OUTPUT_TEXT'

finish
