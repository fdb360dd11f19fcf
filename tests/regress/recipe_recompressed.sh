#!/bin/sh
# recipe_recompressed.sh - tools that make files smaller compress their texts, as zTXt or inside of iTXt; --like read
# the plain ones only.
. "${srcdir:-.}/tests/cli/lib.sh"
python_with zlib
test -n "$python" || {
  echo "skip: no Python (Debian: python3)"
  exit 77
}
small

# pack KIND FROM TO: each text of FROM goes into a compressed chunk of that kind
pack() {
  "$python" - "$@" <<'END' || fail "$1"
import struct, sys, zlib
kind, source, target = sys.argv[1:]
data = open(source, "rb").read()
out, at, texts = data[:8], 8, 0
while at < len(data):
    n, name = struct.unpack(">I4s", data[at:at + 8])
    body = data[at + 8:at + 8 + n]
    at += 12 + n
    if name in (b"tEXt", b"iTXt"):
        key, text = body.split(b"\0", 1)
        if name == b"iTXt":
            text = text[2:].split(b"\0", 2)[2]
        packed = zlib.compress(text, 9)
        ascii = all(c < 128 for c in text)
        name = b"zTXt" if kind == "zTXt" and ascii else b"iTXt"
        body = key + (b"\0\0" if name == b"zTXt" else b"\0\1\0\0\0") + packed
        texts += 1
    out += struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
assert texts > 5
open(target, "wb").write(out)
END
}

says 0 draw 'été "quoted"' $quick --negative '' -o a.png
for kind in zTXt iTXt; do
  pack $kind a.png $kind.png
  says 0 run --like $kind.png -d ref -o again-$kind.png
  cmp -s a.png again-$kind.png || fail "another picture comes back of $kind"
done
finish
