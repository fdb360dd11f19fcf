#!/bin/sh
# plan_of_several.sh - 'motcl plan draw ... -n 4' told what one picture would take.
. "${srcdir:-.}/tests/cli/lib.sh"
if ! command -v python3 >/dev/null 2>&1; then
  echo "skip: no python3"
  exit 77
fi
small

says 0 plan draw cat $quick --json
cp "$room/out" one
says 0 plan draw cat $quick --json -n 4
cp "$room/out" four
python3 - one four <<'END' >"$room/err" 2>&1 || fail 'four pictures are not planned as four times one'
import json, math, sys
one, four = (json.load(open(name)) for name in sys.argv[1:])
assert (one["count"], four["count"]) == (1, 4)
assert one["plans"] == four["plans"] and one["fingerprint"] == four["fingerprint"]
one, four = one["estimate"], four["estimate"]
assert one["memory"] == four["memory"]
for a, b in [(one["all"], four["all"])] + [(one["phases"][p], four["phases"][p]) for p in one["phases"]]:
    assert b["runs"] == 4 * a["runs"] > 0, (a, b)
    assert all(math.isclose(b[key], 4 * a[key], rel_tol=1e-6) for key in ("flops", "bytes")), (a, b)
END
says 0 plan $quick -n 4
holds "$room/out" '^time .*; 4 pictures one after another$'
says 0 plan $quick
lacks "$room/out" 'one after another'
refused 2 'goes with one result' plan run -t a --draw --write -d ref -n 2
finish
