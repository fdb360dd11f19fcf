#!/bin/sh
# usage.sh - help texts, the version, and command lines that cannot be understood.
. "${srcdir:-.}/tests/cli/lib.sh"

commands="draw edit ask run chat plan inspect tokenize devices submit jobs wait cancel hold release fetch forget"
says 0 --help
for command in $commands; do
  holds "$room/out" "^  $command "
done
test ! -s "$room/err" || fail "help goes to stderr"
says 0 --version
holds "$room/out" '^motcl [0-9]*\.[0-9]*\.[0-9]*$'
holds "$room/out" '^driver [a-z]*, interface [0-9]*: '

says 0 --version --json
holds "$room/out" '"version": "[0-9.]*"'
holds "$room/out" '"name": "ref"'
says 0 devices --version --json
holds "$room/out" '"version": "[0-9.]*"'

for command in $commands; do
  says 0 $command --help
  holds "$room/out" "^usage: motcl $command"
  holds "$room/out" '  -h, --help '
  lacks "$room/out" 'For tests'
  awk 'length > 80 { exit 1 }' "$room/out" || fail "help of $command is wider than 80 columns"
  test ! -s "$room/err" || fail "help of $command goes to stderr"
  says 0 $command -h
  says 0 $command --version
  holds "$room/out" '^motcl [0-9]'
  says 0 $command --help-all
  holds "$room/out" 'MOTCL_MODEL'
done
for command in draw edit ask run chat plan; do
  says 0 $command --help-all
  for option in pass-rows chunk-rows max-buffer unfused; do
    holds "$room/out" "^      --$option"
  done
done

refused 2 "motcl --help"
refused 2 "did you mean 'draw'" drwa
refused 2 "no command 'frobnicate'" frobnicate
refused 2 "no command" ''
refused 2 'the prompt is missing' draw
refused 2 'the instruction is missing' edit
refused 2 'the instruction is missing' edit one.png
refused 2 'the question is missing' ask
refused 2 'the model or the picture is missing' inspect
refused 2 'one word too many' draw a cat
refused 2 'one word too many; usage: motcl devices' devices x
refused 2 'one word too many; usage: motcl tokenize' tokenize x
refused 2 'one word too many; usage: motcl inspect .* PICTURE$' inspect x y
refused 2 'each up to 65536' draw a --size 100000x100000
refused 2 'say what is wanted' run -t a
refused 2 'say something first' run --draw --write
refused 2 'say something first' run --draw
refused 2 'say something first' run --draw -t a
refused 2 'takes a whole number' run -t a --draw --timesteps x --draw
refused 2 "did you mean '--size'" draw --sise 16x16 cat
refused 2 "did you mean '--cfg-text'" draw --cfg-txt 4 cat
refused 2 "option of 'motcl tokenize'" draw --decode cat
refused 2 "option of 'motcl draw'" ask --size 16x16 cat
# words of other commands, where this one has something for it
refused 2 "no option '--steps'; here it is --timesteps N" draw --steps 20 cat
refused 2 'here it is --cfg-text X' draw --cfg-scale=4 cat
refused 2 'here it is --size WxH' draw --width 64 cat
refused 2 'here it is --size WxH' draw -H 64 cat
refused 2 'here it is --max-tokens N' ask --n-predict 8 what
refused 2 'here it is --prompts FILE' draw --from-file cats.txt
refused 2 'behind the options' draw --prompt cat
refused 2 'behind the options' draw -p cat
refused 2 'name its folder with -m' draw -hf ByteDance-Seed/BAGEL-7B-MoT cat
refused 2 'motcl edit fox.png' draw --init-img fox.png cat
lacks "$room/err" 'did you mean'
refused 2 "no option '--steps'" ask --steps 20 what
lacks "$room/err" 'timesteps N'

# each of those options is one: none is advised that is not there
says 0 draw --help
cp "$room/out" "$room/options"
for command in edit ask; do
  says 0 $command --help
  cat "$room/out" >>"$room/options"
done
sed -n 's/^    {"[a-zA-Z-]*", "\([a-z-]*\)", NULL},$/\1/p' "$srcdir/host/cli/options/hint.c" | sort -u >"$room/advised"
test -s "$room/advised" || fail "no advised options were found in hint.c"
while read -r option; do
  grep -q -e "--$option " "$room/options" || fail "--$option is advised and not there"
done <"$room/advised"

says 0 help
holds "$room/out" '^usage: motcl COMMAND'
says 0 help draw
cp "$room/out" "$room/by-word"
says 0 draw --help
cmp -s "$room/out" "$room/by-word" || fail "'help draw' is not 'draw --help'"
says 0 help ask --json
holds "$room/out" '"help": "usage: motcl ask'
says 0 version
holds "$room/out" '^motcl [0-9]'
refused 2 "did you mean 'draw'" help drwa
refused 2 'one command at a time' help draw ask

refused 2 "no option '--xyzzy'" draw --xyzzy cat
refused 2 "no option '-Z'" draw -Z cat
refused 2 'goes after --' draw -cat
refused 2 "-o is an option of 'motcl draw', not of this" ask -o x.png what
refused 2 "-i is an option of 'motcl run', not of this" draw -i one.png cat
refused 2 'options stand behind the command' --quiet draw cat
refused 2 'needs its FILE' draw cat -o
refused 2 'needs its N' draw cat --seed
refused 2 'takes on, off or nothing' draw cat --think=yes
refused 2 'takes nothing' run -t cat --draw=on
refused 2 'no model was named' draw cat
refused 2 'no model was named' ask what
refused 2 'no model was named' plan
refused 2 'no model was named' tokenize
refused 2 'is no job' plan devices
refused 2 'the prompt is missing' plan draw
refused 2 "option of 'motcl draw'" plan ask hello --size 16x16

finish
