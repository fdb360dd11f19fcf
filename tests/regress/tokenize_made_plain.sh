#!/bin/sh
# tokenize_made_plain.sh - motcl tokenize refused a text with a control character, and gave other ids for one
# with CR or a mark of UTF-8. Seen by: whoever holds ids against another tokenizer's. What was the matter: it
# read its text as a prompt is read, and it is the tool that shows what any text comes to.
. "${srcdir:-.}/tests/cli/lib.sh"
small

# stands TEXT: there and back it is the same to the byte
stands() {
  printf "$1" >text
  "$motcl" tokenize <text >ids 2>"$room/err" || fail "$1 is refused"
  "$motcl" tokenize --decode <ids >back || fail "$1: no way back"
  cmp -s text back || fail "$1 comes back as $(od -c back)"
}
stands 'a\000b\001c\177d'
stands 'a\013b\014c\302\205d'
stands 'two\r\nlines\r\r\n'
stands '\357\273\277a mark'
stands 'a\000b\000'

printf '\377\376a\000' | "$motcl" tokenize >"$room/out" 2>"$room/err" && fail "UTF-16 has ids"
grep -q "is UTF-16, not UTF-8" "$room/err" || fail "UTF-16 is not named"
printf '1\r\n2\r\n' | "$motcl" tokenize --decode >back || fail "ids with CR"
printf '\357\273\2771 2' | "$motcl" tokenize --decode | cmp -s - back || fail "ids behind a mark"
finish
