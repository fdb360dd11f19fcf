#!/bin/sh
# stock.sh - stock protobuf, in Python, writes jobs that run and reads the events and results that come
# of them; the picture is the command's, byte for byte.
. "${srcdir:-.}/tests/cli/lib.sh"
small

python=
for p in python3 /usr/bin/python3; do
  "$p" -c 'import google.protobuf' 2>/dev/null && python=$p && break
done
test -n "$python" || {
  echo "skip: no Python with protobuf"
  exit 77
}
protoc=
for tool in protoc protoc-c; do
  command -v $tool >/dev/null 2>&1 && protoc=$tool && break
done
test -n "$protoc" || fail "neither protoc nor protoc-c is there, and motcl is built with one"

stock() {
  "$python" "$srcdir/tests/proto/stock.py" set.desc "$@" || fail "stock.py $*"
}

(cd "$srcdir/proto" && $protoc --include_imports --descriptor_set_out="$room/here/set.desc" motcl/v1/*.proto) ||
  fail "no descriptors"
stock make draw.pb ask.pb bad.pb
for job in draw ask bad; do
  "$build/tests/proto/run_job" "$MOTCL_MODEL" $job.pb $job.events $job.result || fail "run_job $job.pb"
done
says 0 run --job draw.pb -d ref -o drawn.png
stock check draw.events draw.result draw.pb drawn.png
stock check ask.events ask.result ask.pb
stock check bad.events bad.result bad.pb

# what is written here is read there
says 0 run --job draw.pb --save-job again.pb
"$build/tests/proto/run_job" "$MOTCL_MODEL" again.pb again.events again.result || fail "run_job again.pb"
stock check again.events again.result again.pb drawn.png

finish
