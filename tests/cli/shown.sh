#!/bin/sh
# shown.sh - what is shown can be typed. Every example of the help texts and of the pages is run: as it stands,
# with the small model, or, where it is said to be for the published one, with the small one in that one's place,
# and little of it: see type_line. And every command and option that a page or a sentence names is there.
. "${srcdir:-.}/tests/cli/lib.sh"
motcl() { "$motcl" "$@"; }
protoc() { if command -v protoc-c >/dev/null 2>&1; then protoc-c "$@"; else command protoc "$@"; fi; }
. "$srcdir/tests/daemon/fake.sh"
mkdir "$MOTCL_DATA_DIR" "$room/inputs"
ln -s "$srcdir/examples/nano/model" "$MOTCL_DATA_DIR/nano"
typed=0

# What examples begin with.
cd "$room/inputs" || exit 1
ln -s "$MOTCL_DATA_DIR/nano" BAGEL-7B-MoT
echo 'a red fox in the snow' >prompt.txt
printf 'a red star on white\na blue star on gray\n' >stars.txt
printf 'make the star green\n{"prompt": "make the star blue", "seed": 3}\n' >edits.jsonl
says 0 draw 'a big red star at the top on white' --seed 7 -q -o star.png
says 0 draw 'a big red star at the top on white' --seed 7 --save-job star.pb
printf '/draw a red star\n/save talk.pb\n' | motcl chat -q >"$room/out" 2>"$room/err" || fail talk.pb
rm motcl-*
fake daemon
MOTCL_SOCKET=$sockets/daemon
export MOTCL_SOCKET
says 0 submit draw 'a red star' --id star-2 --label act=slow
says 0 submit draw 'a red star' --id star-3 --label act=slow
for picture in photo.jpg one.jpg two.jpg room.jpg chair.png; do
  says 0 draw 'a red star on gray' --timesteps 3 --no-metadata -q -o $picture
done

# type_line FOR LINE: types it where we are. Files that it writes are not there before, and are after it. Of a
# line for the published model, less is drawn and written.
type_line() {
  line=$2
  outputs=$(printf '%s\n' "$line" | grep -oE -e '(-o|--save-job) [^ ]+' | sed 's/.* //; s/%[sn].*\././')
  test -z "$outputs" || rm -f $outputs
  unset MOTCL_MODEL
  if test "$1" = published; then
    MOTCL_MODEL=$room/inputs/BAGEL-7B-MoT
    export MOTCL_MODEL
    line=$(printf '%s\n' "$line" | sed -E 's/--size [0-9]+x[0-9]+/--size 96x64/; s/--timesteps [0-9]+//
      s/motcl (draw|edit) /&--timesteps 3 /; s/motcl run .*--draw/& --timesteps 3/; s/motcl ask |--write/& --max-tokens 3 /
      s/motcl draw .*--think/& --max-think-tokens 3/')
  fi
  (eval "$line") >"$room/out" 2>"$room/err" </dev/null || fail "cannot be typed: $2"
  lacks "$room/err" '^motcl: '
  for file in $outputs; do
    ls "${file%.*}"*."${file##*.}" >"$room/made" 2>&1 || fail "makes no $file: $2"
  done
  typed=$((typed + 1))
}

# Help texts; manual.sh holds the manual's examples against them. Each line has a folder of its own.
says 0 --help
commands=$(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$room/out")
for command in $commands; do
  says 0 $command --help
  awk '/^Examples:/ { who = "small" } /^With the published model/ { who = "published" } who && /^  / { print who, substr($0, 3) }' \
    "$room/out" >"$room/lines"
  grep -q '^small' "$room/lines" || fail "$command has no example for whoever begins"
  while read -r who line; do
    case $line in *"motcl $command"*) ;; *) fail "no example of $command: $line" ;; esac
    rm -rf "$room/here/own"
    cp -RP "$room/inputs" "$room/here/own"
    cd "$room/here/own" || exit 1
    type_line "$who" "$line"
  done <"$room/lines"
done
test $typed -ge 20 || fail "only $typed examples in help texts"

# Pages, each in a folder of its own, one line after the other. A line that ends in a bar goes on.
typed=0
pages=$(cd "$srcdir" && find README.md CONTRIBUTING.md build-aux doc drivers examples host kernels proto tests -name '*.md')
for page in $pages; do
  awk '/^#/ { who = /published model/ ? "published" : "small" }
    more { line = line " " $0 }
    !more && /^    / { line = $0 }
    /^    / { more = /\|$/ }
    /^    / && !more && line ~ /(^ *|\| )motcl [a-z]/ { sub(/^ */, "", line); print who, line }' "$srcdir/$page" >"$room/lines"
  rm -rf "$room/here/page"
  mkdir "$room/here/page"
  cd "$room/here/page" || exit 1
  ln -s "$srcdir/proto" proto
  while read -r who line; do
    type_line "$who" "$line"
  done <"$room/lines"
done
test $typed -ge 12 || fail "only $typed examples in pages"

# What is named: commands, in quotes of any kind, and options, in sentences and where README is about the command.
cd "$room/here" || exit 1
for command in $commands; do
  motcl $command --help-all
done | grep -oE -e '--[a-z][a-z-]+' | sort -u >"$room/options"
(
  cd "$srcdir" || exit 1
  cat $pages proto/motcl/v1/*.proto examples/*.[ch]
  find host drivers -name '*.[ch]' ! -path 'host/cli/manual/*' -exec cat {} +
) >"$room/all"
grep -oE "['\`]motcl [a-z]+" "$room/all" | sed 's/.* //' | sort -u >"$room/named"
test "$(wc -l <"$room/named")" -ge 8 || fail 'few commands are named: this test looks in the wrong place'
for name in $(cat "$room/named"); do
  case " $(echo $commands) help version " in *" $name "*) ;; *) fail "there is no command '$name', which is named" ;; esac
done
{
  find "$srcdir/host" "$srcdir/drivers" -name '*.[ch]' ! -path '*/host/daemon/*' -exec grep -ohE '"[^"]*"' {} +
  sed -n '/^## The command/,/^## /p' "$srcdir/README.md"
} | sed 's/motcld [^;]*//' | grep -oE -e '--[a-z][a-z-]+' | sort -u | comm -23 - "$room/options" >"$room/missing"
test ! -s "$room/missing" || fail "options that are named and not there: $(tr '\n' ' ' <"$room/missing")"
finish
