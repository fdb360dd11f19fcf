#!/bin/sh
# ask.sh - answers go to stdout and end their line; everything else goes to stderr.
. "${srcdir:-.}/tests/cli/lib.sh"
small
short="-d ref --max-tokens 6"

says 0 ask 'What is this?' $short
test -s "$room/out" || fail "no answer"
test "$(tail -c 1 "$room/out" | od -An -tx1 | tr -d ' ')" = 0a || fail "the answer does not end its line"
grep -qv '^the answer was cut off after 6 tokens' "$room/err" && fail "something on stderr"
iconv -f UTF-8 -t UTF-8 "$room/out" >/dev/null || fail "the answer is no UTF-8"
cp "$room/out" answer
says 0 ask 'What is this?' $short -v
cmp -s "$room/out" answer || fail "verbose is another answer"
holds "$room/err" '^on '
lacks "$room/err" '#'
says 0 ask 'What is this?' $short --pass-rows 2
cmp -s "$room/out" answer || fail "rows of a pass change the answer"
says 0 run -t 'What is this?' --write $short
cmp -s "$room/out" answer || fail "run is another answer than ask"
says 0 run --text='What is this?' --write $short
cmp -s "$room/out" answer || fail "an argument behind = is another"
says 0 ask 'What is this?' $short --unfused --chunk-rows 3
cmp -s "$room/out" answer || fail "plans change the answer"
says 0 ask 'What is this?' $short --think
says 0 ask 'What is this?' $short --temperature 1 --seed 5
cp "$room/out" warm
holds "$room/err" '^seed 5, .* s, [0-9.e+]* tokens/s$'
says 0 ask 'What is this?' $short --temperature 1 --seed 5 -q
cmp -s "$room/out" warm || fail "a seed gives two answers"
test ! -s "$room/err" || fail "quiet is not"
says 0 ask 'What is this?' $short --temperature 1
holds "$room/err" '^seed [0-9]'

# a question from stdin, of 1 MB as well: it works, or it cannot fit
printf 'What is this?\n' | "$motcl" ask - $short >"$room/out" 2>"$room/err" || fail "from stdin"
cmp -s "$room/out" answer || fail "from stdin it is another answer"
awk 'BEGIN { for (i = 0; i < 262144; i++) printf "cat " }' >long
"$motcl" ask - $short --memory 64M <long >"$room/out" 2>"$room/err"
got=$?
if test $got != 0; then
  test $got = 3 || fail "a text of 1 MB: exit status $got"
  one_sentence ask
fi

# who reads the answer may go away
("$motcl" ask 'What is this?' -d ref --max-tokens 400 2>"$room/err" && echo well >"$room/well") |
  head -c 1 >/dev/null
test -f "$room/well" || fail "a closed pipe is an error"
test ! -s "$room/err" || fail "a closed pipe is complained about"
"$motcl" ask 'What is this?' $short >&- 2>"$room/err"
test $? = 1 || fail "a stdout that is closed"
one_sentence ask

finish
