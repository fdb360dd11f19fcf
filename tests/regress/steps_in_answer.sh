#!/bin/sh
# steps_in_answer.sh - with stdout and stderr in one file or pipe, -v told its steps between the words of the
# answer. What is said of a result stands after it.
. "${srcdir:-.}/tests/cli/lib.sh"
nano="-m $srcdir/examples/nano/model --seed 1"
told='^seed 1, '

merged draw 'a red star' $nano -o a.png
test "$(head -n 1 "$room/both")" = a.png || fail 'the name comes late'
sed -n 2p "$room/both" | grep -q "$told" || fail 'no seed after the name'

merged run $nano -t 'a red star' --draw -t 'describe the picture' --write -o a.png
head -n 2 "$room/both" | cmp -s - "$room/out" || fail 'name and answer do not stand together'
sed -n 3p "$room/both" | grep -q "$told" || fail 'no seed after the answer'
test "$(wc -l <"$room/both")" = 3 || fail 'a line too many'

merged ask 'describe the picture' $nano --temperature 1 -v
grep -q -x -F -e "$(cat "$room/out")" "$room/both" || fail 'something stands in the answer'
tail -n 1 "$room/both" | grep -q "$told" || fail 'the seed is not last'

# A pipe is as good as a file.
"$motcl" ask 'describe the picture' $nano --temperature 1 -v 2>&1 </dev/null | cat >"$room/both"
grep -q -x -F -e "$(cat "$room/out")" "$room/both" || fail 'in a pipe, something stands in the answer'

printf '/draw a red star\ndescribe the picture\n/draw\n' |
  "$motcl" chat $nano >"$room/both" 2>&1 || fail chat
grep -n . "$room/both" | sed 's/, [0-9.]* s$//' >"$room/lines"
test "$(sed -n 's/:motcl-.*//p' "$room/lines" | tr '\n' ' ')" = '1 4 ' &&
  test "$(sed -n 's/:seed .*//p' "$room/lines" | tr '\n' ' ')" = '2 5 ' || fail 'a chat is out of order'
finish
