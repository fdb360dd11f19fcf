#!/bin/sh
# until_done.sh - an answer with pictures goes on as long as its texts ask for them, by two protocols, and is
# the same bytes as the same conversation by hand. Which phrases ask is taken from what the miniature writes.
. "${srcdir:-.}/tests/cli/lib.sh"
small
asked="--timesteps 3 --size 32x32 --max-tokens 8 --seed 7"
same="$asked -d ref"

# by hand: a system text, and all that there may be
says 0 run $same --system 'Think.' -t 'a cat' --write --draw --write --draw --write -o hand-%n.png --json
cp "$room/out" hand.json
python3 - hand.json <<'END' || fail 'the miniature writes the same twice; the test needs other words'
import json, sys
texts = [a["text"] for a in json.load(open(sys.argv[1]))["answer"] if "text" in a]
def only(at):  # a piece of that text which no other has
    for n in range(1, 12):
        for i in range(len(texts[at]) - n + 1):
            piece = texts[at][i:i + n]
            if not any(piece in t for k, t in enumerate(texts) if k != at) and piece.strip():
                return piece
    raise SystemExit(1)
def write(name, **until_done):
    json.dump({"name": name, "until_done": {"system": "Think.", **until_done}}, open(name + ".json", "w"))
write("asks", picture=[only(0)])
write("ends", end=[only(1)])
write("never", end=["no such words"])
write("first", end=[only(0)])
END

# compare NAME OUTPUTS PICTURES: an answer by that protocol is so many first outputs of those by hand
compare() {
  rm -f got-*.png
  says 0 run -t 'a cat' --until-done --max-pictures 2 --protocol "$1.json" $same -o got-%n.png --json
  cp "$room/out" "$1-got.json"
  python3 - hand.json "$1-got.json" "$2" <<'END' || fail "other outputs by the protocol $1"
import json, sys
hand, got = (json.load(open(f))["answer"] for f in sys.argv[1:3])
key = lambda a: (a.get("text"), "picture" in a, a["seed"])
sys.exit([key(a) for a in got] != [key(a) for a in hand][:int(sys.argv[3])])
END
  n=$(ls got-*.png 2>/dev/null | wc -l)
  test "$n" = "$3" || fail "$n pictures by the protocol $1, not $3"
  for i in 1 2; do
    test $i -gt "$3" || pixels_of got-$i.png hand-$i.png
  done
}
# the pictures' files differ in the protocol that they name
pixels_of() {
  python3 - "$1" "$2" <<'END' || fail "$1 is another picture than $2"
import sys, zlib
def data(name):
    b, at, out = open(name, "rb").read(), 8, b""
    while at < len(b):
        n, kind = int.from_bytes(b[at:at + 4], "big"), b[at + 4:at + 8]
        out += b[at + 8:at + 8 + n] if kind == b"IDAT" else b""
        at += 12 + n
    return zlib.decompress(out)
sys.exit(data(sys.argv[1]) != data(sys.argv[2]))
END
}
compare asks 3 1
compare ends 3 1
compare never 5 2
compare first 1 0

# its pictures can be made again, jobs hold it, and one picture may be the most
says 0 run -t 'a cat' --until-done --max-pictures 2 --protocol asks.json $same -o a-%n.png
says 0 run --like a-1.png -d ref -o b.png
pixels_of a-1.png b.png
says 0 run -t 'a cat' --until-done --max-pictures 2 --protocol asks.json $asked --save-job job.pb
says 0 run --job job.pb -d ref -o c-%n.png
cmp -s a-1.png c-1.png || fail 'a stored job is another answer'
test ! -f c-2.png || fail 'a stored job goes on behind its end'
says 0 run -t 'a cat' --until-done --max-pictures 1 --protocol never.json $same -o one-%n.png
test -f one-1.png && test ! -f one-2.png || fail '--max-pictures 1'
says 0 plan run -t 'a cat' --until-done --max-pictures 1 --protocol never.json -d ref

# refused before any work
refused 2 "protocol 'bagel' does not say when a text asks" run -t 'a cat' --until-done $same
refused 2 'stands last' run -t 'a cat' --until-done -t more --write $same
refused 2 'thinks by itself' run -t 'a cat' --until-done --think --protocol never.json $same
refused 2 'goes with --until-done' run -t 'a cat' --write --max-pictures 2 $same
refused 2 'can stand 16 times' run $same -t a --write --draw --write --until-done --max-pictures 7 --protocol never.json
exit $failed
