#!/bin/sh
# names_no_text.sh - a file whose name is no UTF-8 made 'inspect --json' say that memory was out, and
# was a question mark everywhere else, of which nobody finds the file again; '/image "a b.png"' was
# looked for with its quotes. Seen by: whoever has files from an older system, or drops one on chat.
# What was the matter: names went into JSON as they were, and nothing wrote or read a shell's quotes.
. "${srcdir:-.}/tests/cli/lib.sh"
small
odd=$(printf 'caf\351.png')
says 0 draw cat $quick --size 16x16 -o "$odd" --json
holds "$room/out" '"picture": "$'"'"'caf\\\\351.png'"'"'"'
says 0 inspect "$odd" --json
python3 -c 'import json, sys; j = json.load(open(sys.argv[1])); sys.exit(j["file"] != "$\x27caf\\351.png\x27")' "$room/out" ||
  fail "inspect --json: the name"
says 0 inspect "$odd"
holds "$room/out" '^To make it again: motcl run --like $'"'caf.351.png'"'$'
refused 1 "^motcl: \$'caf.351.png' exists already" draw cat $quick -o "$odd"
refused 1 "^motcl: \$'n.351.png' cannot be read" edit "$(printf 'n\351.png')" cat -d ref
says 1 inspect "$(printf 'm\351')"
holds "$room/err" "\$'m.351'"
printf 'no picture' >"$(printf 'p\351.png')"
refused 1 "^motcl: \$'p.351.png': " edit "$(printf 'p\351.png')" cat -d ref
refused 1 "^motcl: \$'p.351.png': " inspect "$(printf 'p\351.png')"
says 0 draw dog $quick --size 16x16 -o plain.png
says 0 edit plain.png cat $quick --size 16x16 -o from.png
refused 2 "^motcl: \$'caf.351.png' is not the file" run --like from.png -i "$odd" -d ref -o never.png
torn=$(printf 't\351')
cp -r "$room/model" "$torn"
sed 's/"num_hidden_layers": *[0-9]*/"num_hidden_layers": 9/' "$room/model/llm_config.json" >"$torn/llm_config.json"
refused 1 "^motcl: \$'t.351': .* more faults ('motcl inspect' lists" draw cat $quick -m "$torn"
says 1 inspect "$torn"
holds "$room/out" "^\$'t.351'\$"

# what was printed is typed back
"$motcl" inspect "$odd" >"$room/out"
again=$(sed -n 's/^To make it again: //p' "$room/out")
bash -c "alias motcl=\"$motcl\"; shopt -s expand_aliases
$again -d ref -o again.png" >"$room/out" 2>"$room/err" || fail "the line that inspect gives"
test -f again.png || fail "the line that inspect gives makes nothing"

# as a shell has names
cp "$odd" 'a b.png'
cp "$odd" "it's.png"
cp "$odd" "$(printf '\033?".png')"
cat >script <<'END'
/image "a b.png"
/image 'a b.png'
/image a\ b.png
/image a b.png
/image "a"' b'.png
/image $'caf\351.png'
/image $'\x61\040b.png'
/image "it's.png"
/image it\'s.png
/image $'it\'s.png'
/image $'\E\?\".png'
/save "my talk.pb"
END
"$motcl" chat -d ref <script >"$room/out" 2>"$room/err" || fail "quotes in chat"
test "$(cat "$room/out")" = 'my talk.pb' || fail "/save with quotes"
test -f 'my talk.pb' || fail "/save with quotes: no file"
for line in '/image "a b.png' "/image it's.png" "/image \$'a b.png" "/image \$'a\\"; do
  printf '%s\n' "$line" | "$motcl" chat -d ref >"$room/out" 2>"$room/err"
  test $? = 1 || fail "$line: exit status"
  holds "$room/err" 'a quote has no end'
done

# what cannot be a byte of a name, or is not understood, is said to be that
for escape in '0' '000' '400' '777' 'x' 'x0' 'q' 'u00e9' 'cA' '8'; do
  printf '%s\n' "/image \$'a\\${escape}/b'" | "$motcl" chat -d ref >"$room/out" 2>"$room/err"
  test $? = 1 || fail "$escape: exit status"
  holds "$room/err" 'a byte from 1 to 255'
  lacks "$room/err" 'no end'
done
finish
