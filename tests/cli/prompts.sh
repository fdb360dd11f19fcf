#!/bin/sh
# prompts.sh - --prompts: each line of a file is what it is alone, to the byte, whatever is beside it; what is
# wrong with a line is told before any work, with its place; one that fails does not end the others.
. "${srcdir:-.}/tests/cli/lib.sh"
small
brief="-d ref --timesteps 3 --size 32x32"

# same ARGS...: alone they draw what is in $room/whole under the name of -o, the last of them
same() {
  says 0 "$@"
  for file; do :; done
  cmp -s "$file" "$room/whole/$file" || fail "alone it is another picture: $*"
  rm "$file"
}

# Texts and objects, in a file of another system.
printf '\357\273\277a cat\r\n\r\n \t\r\n{"prompt": "a \\"dog\\", {caf\303\251}", "seed": 7, "timesteps": 4, "cfg-text": 2.5,
' | tr -d '\n' >pets.jsonl
printf ' "negative": "red", "size": "48x32", "think": true, "max-think-tokens": 3}\r\na bird\r\n' >>pets.jsonl
printf '{"output": "fish.jpg", "prompt": "a fish", "seed": "18446744073709551615", "noise": "n.npy"}' >>pets.jsonl
says 0 draw x $brief --dump d -o x.png
mv d/noise.npy n.npy
says 0 draw --prompts pets.jsonl $brief --seed 100
test "$(sort "$room/out" | tr '\n' ' ')" = 'fish.jpg motcl-100.png motcl-102.png motcl-7.png ' || fail 'not the names of four'
holds "$room/err" '^4 of 4 pictures, seeds from 100, '
mkdir "$room/whole"
mv motcl-*.png fish.jpg "$room/whole"
same draw 'a cat' $brief --seed 100 -o motcl-100.png
same draw 'a "dog", {café}' -d ref --timesteps 4 --cfg-text 2.5 --negative red --size 48x32 --think --max-think-tokens 3 \
  --seed 7 -o motcl-7.png
same draw 'a bird' $brief --seed 102 -o motcl-102.png
same draw 'a fish' $brief --seed 18446744073709551615 --noise n.npy -o fish.jpg
same run --like "$room/whole/motcl-7.png" -d ref -o motcl-7.png

# Many of each, named by a pattern; from stdin.
says_from() {
  want=$1
  file=$2
  shift 2
  "$motcl" "$@" <"$file" >"$room/out" 2>"$room/err"
  got=$?
  test "$got" = "$want" || fail "exit status $got, not $want: $*"
}
printf 'a cat\na dog\n' >two.txt
says_from 0 two.txt draw --prompts - $brief --seed 5 -n 2 -o pet-%n-%s.png
for n in 1-5 2-6 3-7 4-8; do
  is_png pet-$n.png
done
mv pet-3-7.png "$room/whole"
same draw 'a dog' $brief --seed 7 -o pet-3-7.png
says 0 draw --prompts two.txt $brief --seed 5 -o pet.png --system 'be brief'
mv pet-6.png "$room/whole"
same draw 'a dog' $brief --seed 6 --system 'be brief' -o pet-6.png
head -n 1 two.txt >one.txt
says 0 draw --prompts one.txt $brief -o alone.png
is_png alone.png

# Edits of one picture, and of another each; questions, whose answers are in order.
printf 'blue\n{"prompt": "green", "picture": "pet-1-5.png"}\n{"prompt": "both", "picture": ["pet-1-5.png", "pet-2-6.png"]}\n' >edits
says 0 edit x.png --prompts edits $brief --seed 20 -o edit-%n.png
mv edit-*.png "$room/whole"
same edit x.png blue $brief --seed 20 -o edit-1.png
same edit pet-1-5.png green $brief --seed 21 -o edit-2.png
same edit pet-1-5.png pet-2-6.png both $brief --seed 22 -o edit-3.png
says 0 ask x.png --prompts edits -d ref --max-tokens 6 --temperature 1 --seed 3
mv "$room/out" answers
for question in 'x.png blue --seed 3' 'pet-1-5.png green --seed 4' 'pet-1-5.png pet-2-6.png both --seed 5'; do
  # words are words
  # shellcheck disable=SC2086
  "$motcl" ask $question -d ref --max-tokens 6 --temperature 1 2>/dev/null
done | cmp -s - answers || fail 'answers are others than alone, or in another order'
holds "$room/err" '^the answer of line 1 was cut off after 6 tokens$'

# What is wrong with a line is told before anything is done: its place, and a hint.
wrong() {
  printf '%s\n' 'a cat' '' "$3" >wrong.txt
  refused "$1" "wrong.txt, line 3$2" draw --prompts wrong.txt -d ref
}
wrong 1 ', column 25: .*JSON' '{"prompt": "a cat" "seed": 3}'
wrong 1 ', column [0-9]*: .*JSON' '{"prompt": "a cat", "prompt": "a dog"}'
wrong 2 ", column 17: .*did you mean '--size'" '{"prompt": "é", "sise": "64x64"}'
wrong 2 ', column 33: .*here it is --timesteps N' '{"prompt": "{\"[\\", "seed": 3, "steps": 3}'
wrong 2 ', column 21: --timesteps takes' '{"prompt": "a cat", "timesteps": 1}'
wrong 2 ', column 2: "prompt" takes a text' '{"prompt": 3}'
wrong 2 ', column 2: "think" takes true or false' '{"think": 1, "prompt": "a"}'
wrong 2 ', column 2: "negative" takes a text' '{"negative": 1, "prompt": "a"}'
wrong 2 ', column 2: "shift" takes a number' '{"shift": null, "prompt": "a"}'
wrong 2 ', column 2: "system" is one thing for all' '{"system": "x", "prompt": "a"}'
wrong 2 ", column 2: .*option of 'motcl" '{"picture": "x.png", "prompt": "a"}'
wrong 2 ': "prompt", the text, is missing' '{}'
wrong 2 ': .*empty' '{"prompt": ""}'
wrong 2 ': .*multiples of 16' '{"prompt": "a", "size": "17x17"}'
wrong 1 ': .*nowhere' '{"prompt": "a", "output": "nowhere/a.png"}'
wrong 2 ': .*must end in' '{"prompt": "a", "output": "a.gif"}'
wrong 2 ': .*not to stdout' '{"prompt": "a", "output": "-"}'
wrong 2 ': .*is stdin' '-'
wrong 1 ': .*missing.npy' '{"prompt": "a", "noise": "missing.npy"}'
wrong 2 ': the seed is too large' '{"prompt": "a", "seed": "18446744073709551615", "count": 2}'
printf 'a\nb\tc\001\n' >wrong.txt
refused 1 'wrong.txt holds a control character, U+0001 (line 2 column 4)' draw --prompts wrong.txt
printf ' \n' >wrong.txt
refused 2 'holds no prompt' draw --prompts wrong.txt
refused 1 'missing.txt' draw --prompts missing.txt
refused 2 'lines are the texts' draw cat --prompts two.txt
refused 2 'line 1: the picture is missing' edit --prompts two.txt
refused 2 'is stdin' edit - --prompts two.txt
refused 2 'too large for 2 results' draw --prompts two.txt --seed 18446744073709551615
for option in '--save-job a.pb' --preview '--preview-file a.png' '--dump e'; do
  refused 2 'does not go with --prompts' draw --prompts two.txt $option
done
refused 2 'not to stdout' draw --prompts two.txt -o -
refused 2 'give one of the two' draw --prompts two.txt --force --skip-existing
refused 2 'goes with --prompts' draw cat --skip-existing
refused 2 'one job at a time' plan draw --prompts two.txt
refused 2 "option of 'motcl draw'" run --prompts two.txt

# One file for two, whatever way leads to it.
mkdir sub
ln -s sub link
printf '{"prompt": "a", "output": "sub/a.png"}\nb\n{"prompt": "c", "output": "link/../sub/a.png"}\n' >twins
refused 2 "line 1 and of line 3 would both go to 'a.png'" draw --prompts twins $brief
printf '{"prompt": "a", "seed": 7}\n{"prompt": "b", "seed": 7}\n' >twins
refused 2 "line 1 and of line 2 would both go to 'motcl-7.png'" draw --prompts twins $brief
says 0 draw --prompts twins $brief -o twin-%n.png

# What was done when it is ended is there, and the rest follows; what is there is not drawn again.
printf '{"prompt": "a", "timesteps": 2}\n{"prompt": "b", "timesteps": 10000}\n{"prompt": "c", "timesteps": 10000}\n' >long
"$motcl" draw --prompts long $brief --seed 50 >"$room/out" 2>"$room/err" &
job=$!
begun 'motcl-50.png' "$room/out" $job
kill -INT $job
wait $job
test $? = 4 || fail 'an interrupted one does not say so'
is_png motcl-50.png
test "$(ls motcl-5?.png)" = motcl-50.png || fail "files of what was not done: $(ls motcl-5?.png)"
holds "$room/err" '^1 of 3 pictures'
holds "$room/err" '^motcl: cancelled$'
cp -p motcl-50.png before.png
refused 1 'motcl-50.png.*--skip-existing' draw --prompts long $brief --seed 50
sed -i 's/10000/40/' long
says 0 draw --prompts long $brief --seed 50 --skip-existing
holds "$room/err" '^2 of 2 pictures, 1 were there'
test ! motcl-50.png -nt before.png || fail 'what was there is drawn again'
mv motcl-51.png "$room/whole"
same draw b -d ref --size 32x32 --timesteps 40 --seed 51 -o motcl-51.png

# One that fails is told, and the others are done.
sed -i '2s/40/3000/' long
rm motcl-*.png
"$motcl" draw --prompts long $brief --seed 50 >"$room/out" 2>"$room/err" &
job=$!
begun 'motcl-50.png' "$room/out" $job
: >motcl-51.png
wait $job
test $? = 1 || fail 'the exit status does not tell of a line that failed'
is_png motcl-52.png
holds "$room/err" "^motcl: long, line 2: 'motcl-51.png' exists"
holds "$room/err" '^motcl: 1 of 3 pictures failed$'
finish
