#!/bin/sh
# sampling.sh - which tokens are drawn from, and texts that end an answer: of an answer, of a stored job,
# of each output by itself and in a conversation.
. "${srcdir:-.}/tests/cli/lib.sh"
small
short="-d ref --max-tokens 20 -q"
warm="--temperature 1 --seed 5"

# answer NAME ARGS...: kept in that file
answer() {
  file=$1
  shift
  says 0 ask 'What is this?' $short "$@"
  cp "$room/out" "$file"
}

# same A B WHY, other A B WHY
same() {
  cmp -s "$1" "$2" || fail "$3"
}
other() {
  ! cmp -s "$1" "$2" || fail "$3"
}

none="--top-k 0 --top-p 0 --min-p 0 --repeat-penalty 0"
answer cold
answer cold2 $none --top-k 3 --top-p 0.5 --min-p 0.5
same cold cold2 "without a temperature there is another text"
answer warm $warm
answer warm2 $warm $none
same warm warm2 "none is something"
other cold warm "a temperature changes nothing"
for one in '--top-k 1' '--top-p 1e-9' '--min-p 1'; do
  answer one $warm $one
  same one cold "$one is not the likeliest"
done
for some in '--top-k 5' '--top-p 0.5' '--min-p 0.5' '--repeat-penalty 3'; do
  answer some $warm $some
  other some warm "$some changes nothing"
done

# An answer ends before a text, which is not printed. The model's words depend on nothing, so that what is
# looked for is taken from them.
awk 'NR == 1 { print substr($0, 3, 4) }' warm >piece
stop=$(cat piece)
awk -v p="$stop" 'NR == 1 { print substr($0, 1, index($0, p) - 1) }' warm >want
answer got $warm --stop 'never written' --stop "$stop"
same got want "--stop '$stop' is another end"
answer got $warm --stop 'never written'
same got warm "a text that is not written stops something"

# The same of a stored job, and of one output among others.
all="$warm --top-k 40 --top-p 0.9 --min-p 0.01 --repeat-penalty 1.2"
says 0 ask 'What is this?' $short $all --stop 'no such' --stop "$stop"
cp "$room/out" all
says 0 ask 'What is this?' --max-tokens 20 $all --stop 'no such' --stop "$stop" --save-job ask.pb
says 0 run --job ask.pb -d ref -q
same "$room/out" all "a stored job has another answer"
says 0 run -t 'What is this?' --write --temperature 1 --seed 5 --stop "$stop" -t more --write $short --stop none
head -n "$(wc -l <want)" "$room/out" >first
same first want "the first output does not stop by its own text"
says 0 ask 'What is this?' $short $all --stop 'never written'
cp "$room/out" all
says 0 run --job ask.pb -d ref -q --stop 'never written'
same "$room/out" all "the line's stop texts are not those of a stored job"

# A conversation: texts are added until the default is set again.
printf '/set temperature 1\n/set max-tokens 20\n/set stop none\n/set stop %s\nWhat is this?\n/undo\n/seed 5
/set stop default\nWhat is this?\n' "$stop" >lines
says_from() {
  "$motcl" chat -d ref --seed 5 -q <lines >"$room/out" 2>"$room/err" || fail "a conversation"
}
says_from
cat want warm >both
same "$room/out" both "a conversation stops elsewhere"
printf '/set stop one\n/set stop two words\n/set stop\n' >lines
says_from
holds "$room/out" 'one, two words'

# What a thought was drawn from stands in the picture, and draws it again.
says 0 draw cat $quick --size 32x32 --think --max-think-tokens 6 $all -o a.png
says 0 inspect a.png
for setting in top-k top-p min-p repeat-penalty; do
  holds "$room/out" "$setting"
done
says 0 run --like a.png -d ref -o b.png
cmp -s a.png b.png || fail "a thought is drawn otherwise"

for option in top-p min-p; do
  for value in nan -0.1 1.1 x ''; do
    refused 2 "--$option takes a number from 0 to 1" ask cat --$option "$value"
  done
done
refused 2 '--top-k takes a whole number' ask cat --top-k -1
refused 2 '--repeat-penalty takes a number from 0 to 100' ask cat --repeat-penalty -1
refused 2 'a repeat penalty of 0.001 cannot be used' ask cat --repeat-penalty 0.001 -d ref
refused 2 'a stop text is empty' ask cat --stop '' -d ref
nine=$(for i in 1 2 3 4 5 6 7 8 9; do printf -- '--stop %s ' $i; done)
refused 2 '--stop can be given 8 times at most' ask cat $nine
refused 2 "here it is --repeat-penalty X" ask cat --repetition-penalty 1.1
refused 2 "of 'motcl ask'" draw cat --stop x

finish
