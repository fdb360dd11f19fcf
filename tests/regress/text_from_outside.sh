#!/bin/sh
# text_from_outside.sh - a prompt from a file made on another system drew another picture, by its mark of
# UTF-8 and its CR at every line's end; a script of chat with such ends did nothing right; a NUL or
# UTF-16 got through, or a sentence about byte 0. Seen by: whoever writes texts elsewhere. What was
# the matter: each way in read bytes of its own accord.
. "${srcdir:-.}/tests/cli/lib.sh"
small
size="--size 16x16"

# takes NAME TEXT: the text from stdin draws what the same words typed draw, and is recorded so
takes() {
  printf "$2" | "$motcl" draw - $quick $size -o "$1.png" >"$room/out" 2>"$room/err" || fail "$1 is refused"
  cmp -s typed.png "$1.png" || fail "$1: another picture"
}
says 0 draw "$(printf 'a big\nred circle')" $quick $size -o typed.png
takes lf 'a big\nred circle\n'
takes crlf 'a big\r\nred circle\r\n'
takes mark '\357\273\277a big\r\nred circle'
takes cr 'a big\rred circle\r'
says 0 draw "$(printf 'a big\r\nred circle\r\n')" $quick $size -o word.png
cmp -s typed.png word.png || fail "a word with CR: another picture"
says 0 draw cat --negative "$(printf 'big\r\nred\r\n')" $quick $size -o negative-crlf.png
says 0 draw cat --negative "$(printf 'big\nred')" $quick $size -o negative.png
cmp -s negative.png negative-crlf.png || fail "a negative text with CR: another picture"

# turns_away PATTERN TEXT [COMMAND...]
turns_away() {
  pattern=$1 text=$2
  shift 2
  test $# -gt 0 || set -- draw - $quick
  printf "$text" | "$motcl" "$@" >"$room/out" 2>"$room/err"
  test $? = 1 || fail "$text: exit status"
  one_sentence "$text"
  grep -q -e "$pattern" "$room/err" || fail "$text: the sentence lacks '$pattern'"
}
turns_away 'a NUL (line 1 column 6)' 'a red\000circle'
turns_away 'a NUL (line 2 column 1)' 'a red\r\n\000circle'
turns_away 'U+001B (line 1 column 1)' '\033[1mred'
turns_away '0xE9 at line 1 column 4' 'caf\351'
turns_away 'is UTF-16, .*iconv' '\377\376a\000 \000r\000e\000d\000'
turns_away 'is UTF-16, .*iconv' '\376\377\000a\000 \000r\000e\000d'
turns_away 'is UTF-16LE' 'a\000 \000r\000e\000d\000'
turns_away 'is UTF-16BE' '\000a\000 \000r\000e\000d'
turns_away 'a NUL (line 1 column 2)' 'a\000b' ask - -d ref
turns_away 'U+0007 (line 2 column 1)' 'a\n\007' run -t - --write -d ref
refused 1 'U+001B (line 1 column 2)' draw "$(printf 'a\033')" $quick
refused 1 'the negative text .*U+001B' draw cat --negative "$(printf '\033')" $quick

# a script from another system
printf '\357\273\277/seed 1\r\n/draw a red circle\r\n\r\n/quit\r\n/draw not this' |
  "$motcl" chat -d ref --timesteps 3 $size >"$room/out" 2>"$room/err" || fail "a script with CR"
test "$(cat "$room/out")" = motcl-1-1.png || fail "a script with CR does not do what it says"
"$motcl" inspect motcl-1-1.png >"$room/out"
holds "$room/out" '^prompt  *a red circle$'
printf '/seed 3\n/draw a\000b\n/seed\n' | "$motcl" chat -d ref >"$room/out" 2>"$room/err"
test $? = 1 || fail "a NUL in a script: exit status"
holds "$room/err" 'a NUL (line 2 column 8)'
test "$(cat "$room/out")" = 3 || fail "the lines around a bad one"
for order in LE BE; do
  printf '/seed 3\n/seed\n' | iconv -f UTF-8 -t UTF-16$order | "$motcl" chat -d ref >"$room/out" 2>"$room/err"
  test $? = 1 || fail "a script of UTF-16$order: exit status"
  holds "$room/err" "is UTF-16$order"
  test "$(wc -l <"$room/err")" = 2 || fail "a script of UTF-16$order is gone through"
done
finish
