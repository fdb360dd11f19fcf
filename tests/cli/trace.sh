#!/bin/sh
# trace.sh - --trace: a file that is whole JSON with every category, also after a failure and a
# cancel; that changes no result, and is not written over another.
. "${srcdir:-.}/tests/cli/lib.sh"
if ! command -v python3 >/dev/null 2>&1; then
  echo "skip: no python3"
  exit 77
fi
small

# whole FILE CATEGORY...: it is JSON, and has spans of these
whole() {
  python3 -c '
import json, sys
spans = [e for e in json.load(open(sys.argv[1]))["traceEvents"] if e["ph"] == "X"]
have = {e["cat"] for e in spans}
missing = set(sys.argv[2:]) - have
assert not missing, "no %s among %s" % (missing, have)
assert have <= set("phase pass kernel transfer weight compile plan wait".split()), have
for e in spans:
    assert e["dur"] >= 0 and e["ts"] >= 0, e
    if e["cat"] == "kernel":
        assert {"layer", "expert", "tensor", "kernel", "rows", "flops", "bytes"} <= e["args"].keys(), e
    if e["cat"] == "weight":
        assert {"name", "part", "bytes", "layout"} <= e["args"].keys(), e
    if e["cat"] == "transfer":
        assert {"direction", "bytes"} <= e["args"].keys(), e
    if e["cat"] == "pass":
        assert e["args"]["clock_error_us"] >= 0 and e["args"]["left_out"] == 0, e
# one thread puts weights on the device, one after another
put = sorted((e["ts"], e["ts"] + e["dur"]) for e in spans if e["cat"] == "weight")
assert all(a[1] <= b[0] + 0.01 for a, b in zip(put, put[1:])), "weights at the same time"
' "$@" 2>"$room/why" || fail "$1: $(tail -n 1 "$room/why")"
}

plain="draw cat --timesteps 4 --seed 7 --no-metadata"
for device in ref cpu; do
  says 0 $plain -d $device -o $device.png
  says 0 $plain -d $device -o $device-traced.png --trace $device.json
  cmp -s $device.png $device-traced.png || fail "a trace changes the picture on $device"
  whole $device.json phase pass kernel transfer weight plan wait
done

# kernels are built where none are kept
(
  XDG_CACHE_HOME=$room/empty
  export XDG_CACHE_HOME
  "$motcl" $plain -d cpu -o built.png --trace built.json >"$room/out" 2>"$room/err"
) || fail "a first run"
whole built.json compile

# nothing is written over, and that is known before the work
refused 1 "'ref.json' exists already" $plain -d ref -o x.png --trace ref.json
refused 1 "no/such" $plain -d ref -o x.png --trace no/such/folder.json
refused 2 'does not go with --save-job' draw cat --save-job x.pb --trace x.json

# a failure, and a cancel in the middle of the work
"$motcl" $plain -d ref --memory 100 -o x.png --trace failed.json >"$room/out" 2>"$room/err"
test $? = 3 || fail "it fits into 100 bytes"
whole failed.json
"$motcl" draw cat -d ref --timesteps 10000 --seed 1 -o x.png --trace cut.json -v \
  >"$room/out" 2>"$room/err" </dev/null &
pid=$!
begun '^drawing' "$room/err" $pid
kill -INT $pid
wait $pid
test $? = 4 || fail "it was not cancelled"
whole cut.json phase pass kernel

finish
