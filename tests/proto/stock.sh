#!/bin/sh
# stock.sh - stock protobuf, in Python, writes jobs that run and reads the events and results that come
# of them; the picture is the command's, byte for byte.
. "${srcdir:-.}/tests/cli/lib.sh"
small
stock_protobuf
stock() {
  "$python" "$srcdir/tests/proto/stock.py" "$room/set.desc" "$@" || fail "stock.py $*"
}

# run_job NAME: NAME.pb to NAME.plan, NAME.events, NAME.result
run_job() {
  "$build/tests/proto/run_job" "$MOTCL_MODEL" "$1.pb" "$1.plan" "$1.events" "$1.result" || fail "run_job $1.pb"
}

# check NAME [FILE]: what came of it, and FILE is its picture
check() {
  stock check "$1.plan" "$1.events" "$1.result" "$1.pb" ${2:+"$2"}
}

stock make draw.pb ask.pb tell.pb turn.pb bad.pb
for job in draw ask tell turn bad; do
  run_job $job
done
says 0 run --job draw.pb -d ref -o drawn.png
check draw drawn.png
check ask
check tell
check turn
check bad

# what is written here is read there
says 0 run --job draw.pb --save-job again.pb
run_job again
check again drawn.png
says 0 run --job turn.pb --seed 5 --save-job turn2.pb
run_job turn2
check turn2

# and protoc reads all of it
decode() {
  $protoc --decode="motcl.v1.$1" -I "$srcdir/proto" "motcl/v1/$3.proto" <"$2" >text ||
    fail "protoc cannot read $2"
}
decode Result draw.result result
holds text '^job: "drawn by stock protobuf"$'
holds text '^    width: 48$'
holds text '^driver: "ref"$'
decode Result bad.result result
holds text '^  code: CODE_EINVAL$'
decode Plan draw.plan plan
holds text '^  name: "decoder"$'
holds text '^    phase: "denoise"$'

finish
