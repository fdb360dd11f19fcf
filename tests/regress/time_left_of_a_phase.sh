#!/bin/sh
# time_left_of_a_phase.sh - "5 s left" was said of the phase at work, where a decoding of minutes was still to come:
# it is all that is left, by what earlier runs took, and where that is not known it is so much at least.
. "${srcdir:-.}/tests/cli/lib.sh"
small
XDG_CACHE_HOME=$room/cache
export XDG_CACHE_HOME
plain="draw cat -d ref --timesteps 4 --seed 7 -v"

says 0 $plain -o a.png
lacks "$room/err" '[^r] [0-9.]* s left'

cat >slower.py <<'END'
import json, sys
with open(sys.argv[1]) as f:
    rates = json.load(f)
for device in rates["devices"].values():
    for name, rate in device.items():
        if name.startswith(sys.argv[2]):
            rate.update(dict.fromkeys(rate, float(sys.argv[3])))
with open(sys.argv[1], "w") as f:
    json.dump(rates, f)
END
# decoding a picture, as if it had taken a thousand seconds
says 0 plan draw cat -d ref --timesteps 4 --json
flops=$(sed -n '/"vae decode"/,/}/s/.*"flops": \([0-9.e+]*\),*/\1/p' "$room/out" | tail -n 1)
slow_decoder() {
  python3 slower.py "$room/cache/motcl/rates.json" 'picture decoder' "$(awk "BEGIN { print $flops / 1000 }")" ||
    fail 'no rates'
}

slow_decoder

says 0 $plain -o b.png
holds "$room/err" '^reading the text .*, 17 min left'
for step in 1 2 3; do
  holds "$room/err" "^drawing $step/3, 17 min left"
done
holds "$room/err" '^decoding the picture 1/1$'

# pictures that follow count, and so do others of one request
slow_decoder
says 0 $plain -n 3 -o c.png
holds "$room/err" '^drawing 3/3, 50 min left'
slow_decoder
says 0 run -t cat --draw -t dog --draw -d ref --timesteps 4 --seed 7 -v -o d.png
holds "$room/err" '^drawing 3/[0-9]*, over 33 min left' # how the first is taken in is not known
holds "$room/err" '^drawing 3/3, 17 min left'

# so it is in a chat
slow_decoder
echo '/draw cat' | "$motcl" chat -d ref --timesteps 4 --seed 7 -v >"$room/out" 2>"$room/err" || fail chat
holds "$room/err" '^drawing 3/3, 17 min left'

# words may end sooner
python3 slower.py "$room/cache/motcl/rates.json" decoder 1
says 0 ask cat -d ref --max-tokens 3 -v
holds "$room/err" '^reading the text .*, at most .* left'
finish
