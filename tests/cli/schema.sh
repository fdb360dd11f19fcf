#!/bin/sh
# schema.sh - with --json every command prints one object, whatever comes of it, and chat a line each: all of
# them fit the schema that is shipped and that the manual is made of.
. "${srcdir:-.}/tests/cli/lib.sh"
python_with jsonschema
test -n "$python" || {
  echo "skip: no Python with jsonschema (Debian: python3-jsonschema)"
  exit 77
}
. "$srcdir/tests/daemon/fake.sh"
python_with jsonschema
small
says="$room/said"
mkdir "$says"
number=0

# keep STATUS WORDS...: what was printed on $room/out is looked at in the end
keep() {
  number=$((number + 1))
  mv "$room/out" "$says/$number.out"
  printf '%s\n' "$*" | tr '\n' ' ' >"$says/$number.says"
}

# json STATUS ARGS...: the exit status, and no more than a sentence more where it failed
json() {
  says "$@"
  test "$1" = 0 || grep -q '^motcl: .' "$room/err" || fail "no sentence on stderr: $*"
  keep "$@"
}

# chat STATUS LINES OPTION...: a conversation of that script; how many objects there are is told
chat() {
  want=$1
  printf "$2" >"$room/script"
  shift 2
  "$motcl" chat --json "$@" <"$room/script" >"$room/out" 2>"$room/err"
  got=$?
  test "$got" = "$want" || fail "chat: exit status $got, not $want"
  objects=$(wc -l <"$room/out")
  keep "$want" chat "$@"
}

# Without a command, and of every one its help, its version and mistakes in its line.
json 2 --json
json 2 drwa --json
json 2 '' --json
json 0 --version --json
json 0 --help --json
json 0 --help-all --json
for command in draw edit ask run chat plan inspect tokenize devices submit jobs wait cancel hold release fetch forget; do
  json 0 $command --json --help
  json 0 $command --help-all --json
  json 0 $command --version --json
  json 2 $command --xyzzy --json
  json 2 $command --json --xyzzy
  json 2 $command -Z --json
done
for line in draw 'draw a b' edit 'edit a.png' ask run 'run -t a' 'chat x' 'plan x' 'plan draw' inspect 'inspect a b' \
  'tokenize x' 'devices x' submit 'submit devices' wait fetch 'fetch a b' cancel hold release forget 'draw a --size 3' 'draw a --memory x' 'draw a --seed' 'draw a --quiet=1' 'draw a -o a.gif'; do
  # words are words
  # shellcheck disable=SC2086
  json 2 $line --json
done

# Jobs, done and failed.
drawn="-d ref --timesteps 3 --size 32x32"
json 0 draw 'a cat' $drawn --seed 7 -o a.png --json
json 0 draw 'a cat' $drawn --seed 8 -n 2 --json
json 0 draw 'a cat' $drawn --seed 9 --think --max-think-tokens 4 --json -o b.png
json 0 edit a.png blue $drawn --json -o c.png
json 0 ask a.png what -d ref --max-tokens 4 --json
json 0 ask what -d ref --max-tokens 4 --json -q
json 0 ask what -d ref --max-tokens 4 --json --think
json 0 run $drawn --max-tokens 4 -t a --write --draw --write -o d.png --json
json 0 run --like a.png -d ref -o e.png --json
json 0 draw 'a cat' --save-job a.pb --json
json 0 run --job a.pb -d ref --json -o f.png
json 0 draw cat $drawn --json --build-only 0
json 0 draw cat $drawn --json -o odd-"$(printf '\351')".png
json 1 draw cat $drawn --json -o a.png
json 1 edit nothing.png blue $drawn --json
json 1 edit "$(printf '\351').png" blue $drawn --json
json 1 draw cat -m nowhere --json
json 1 run --like nothing.png --json
json 1 run --job a.png --json
json 1 draw cat --save-job a.pb --json
json 1 draw "$(printf '\351')" $drawn --json
json 2 draw cat $drawn --json -o -
json 2 draw cat --json --save-job -
json 2 draw a.png $drawn --json
json 3 draw cat $drawn --json --memory 1K -o none.png
json 3 draw cat --json -d nosuchdevice
printf 'a cat\n{"prompt": "a dog", "output": "dog-%%n.png"}\n' >cats.txt
json 0 draw --prompts cats.txt $drawn --seed 6000 --json
json 0 draw --prompts cats.txt $drawn --seed 6000 --json --skip-existing -n 2
json 1 draw --prompts cats.txt $drawn --seed 6000 --json
json 2 draw --prompts cats.txt --size 17x17 -d ref --json --force
json 3 draw --prompts cats.txt $drawn --json --force --memory 1K
echo why >whys.txt
json 0 ask a.png --prompts whys.txt -d ref --max-tokens 4 --json
(
  unset MOTCL_MODEL
  "$motcl" draw cat --json >"$room/out" 2>"$room/err"
)
keep 2 draw cat --json

# Cancelled: what was done by then is told.
"$motcl" draw cat -d ref --timesteps 20 --size 32x32 --seed 50 -n 1000 --json >"$room/out" 2>"$room/err" &
job=$!
tries=0
while ! test -f motcl-51.png && test $tries -lt 600; do
  tries=$((tries + 1))
  sleep 0.1
done
kill -INT $job
wait $job
test $? = 4 || fail 'a job that was cancelled does not say so'
grep -q '"picture": "motcl-51.png"' "$room/out" || fail 'pictures that were drawn before the cancelling are not told'
grep -q '"code": "ECANCELLED"' "$room/out" || fail 'cancelling is not told'
keep 4 draw cat --json

# Plans, folders, pictures, ids, devices.
json 0 plan -d ref --json
json 0 plan edit a.png blue -d ref --json
json 0 plan draw cat $drawn -n 3 --json
json 1 plan edit nothing.png blue -d ref --json
json 3 plan draw cat $drawn --memory 1K --json
json 0 inspect "$MOTCL_MODEL" --json
json 0 inspect --check "$MOTCL_MODEL" --json
json 2 inspect --check a.png --json
mkdir broken
cp "$MOTCL_MODEL"/*.json broken
json 1 inspect broken --json
json 1 inspect nowhere --json
json 0 inspect a.png --json
cp a.png "$(printf '\351').png"
json 0 inspect "$(printf '\351').png" --json
json 1 inspect a.pb --json
json 0 draw cat $drawn --no-metadata --json -o bare.png
json 0 inspect bare.png --json
json 0 tokenize --json
printf 'a cat' | "$motcl" tokenize --json >"$room/out" 2>"$room/err" || fail tokenize
keep 0 tokenize --json
printf '1 2 3' | "$motcl" tokenize --decode --json >"$room/out" 2>"$room/err" || fail 'tokenize --decode'
keep 0 tokenize --decode --json
printf '1 x' | "$motcl" tokenize --decode --json >"$room/out" 2>"$room/err"
keep 2 tokenize --decode --json
printf '\351' | "$motcl" tokenize --json >"$room/out" 2>"$room/err"
keep 1 tokenize --json
json 0 devices --json

# Jobs at a daemon.
fake daemon
MOTCL_SOCKET=$sockets/daemon
export MOTCL_SOCKET
json 0 submit draw cat --id a --seed 7 --label for=me --priority 2 --deadline 2h --json
json 0 submit ask what --id b --wait --json
json 0 submit draw cat --id b2 --hold -n 2 --json
json 0 wait a --json
json 0 wait a b --json -o 'wait-%s.png'
json 0 fetch a --json -o a-7.png
json 1 fetch a --json -o a-7.png
json 2 fetch a --json -o -
json 0 fetch b --json
json 0 jobs --json
json 0 jobs --open --json
json 0 jobs a --json
json 1 jobs nothing --json
json 0 release b2-1 --json
json 1 release b2-1 nothing --json
json 0 forget a --json
json 1 forget a --json
json 1 wait a --json
json 3 submit draw cat --label act=fail --label code=7 --wait --json
json 1 submit draw cat -m other --json
json 1 submit draw cat --label act=busy --json
json 0 draw cat --daemon -n 2 -o 'at-%n.png' --json
json 0 ask what --daemon --json
json 2 draw cat --daemon -d cpu --json
json 1 jobs --socket nowhere --json
json 0 submit draw cat --label act=slow --id slow --json
json 0 hold slow --json
json 0 cancel slow --json
json 4 wait slow --json

# Conversations: an object for each line that says something, and one more where some did not work.
brief="$drawn --max-tokens 4 --max-think-tokens 4 --seed 100"
chat 0 'hello\n\n/draw a cat\n/image a.png\n/system be brief\n/edit blue\n/think on\nwhy?\n/draw\n/undo\n/set\n/set size 48x32\n/seed
/seed 7\n/save chat.pb\n/help\n//x\n/quit\n' $brief
test "$objects" = 17 || fail "$objects lines for 17"
chat 0 'hello\n' $brief --job chat.pb
chat 0 '' $brief
test "$objects" = 0 || fail "$objects lines for none"
rm "$says/$number".*
chat 1 '/image nothing.png\nhello\n/frob\n/undo\n/undo\n/set x\n/edit\na.png\n' $brief
test "$objects" = 9 || fail "$objects lines for 8 and the ending"
chat 2 'hello\n' $brief --job -
chat 3 'hello\n' -d nosuchdevice
test "$objects" = 1 || fail "$objects lines for one that cannot begin"
mkfifo lines
"$motcl" chat --json -v $brief --timesteps 9000 <lines >"$room/out" 2>"$room/err" &
job=$!
exec 3>lines
printf '/seed\n/draw a cat\n' >&3
begun '^drawing' "$room/err" $job
kill -TERM $job
wait $job
test $? = 4 || fail 'a conversation that was ended does not say so'
exec 3>&-
test "$(grep -c ECANCELLED "$room/out")" = 2 || fail 'cancelling is not told of the line and of the whole'
keep 4 chat

"$python" "$srcdir/tests/cli/schema.py" "$srcdir/doc/motcl.schema.json" "$says" || fail 'some do not fit the schema'

# What can go wrong is named.
for code in $(sed -n '/^#define MOTCL_STATUS_LIST/,/^$/s/.*X(\(E[A-Z]*\),.*/\1/p' "$srcdir/host/motcl.h"); do
  holds "$srcdir/doc/motcl.schema.json" "[ ,]$code[,\"]"
done
finish
