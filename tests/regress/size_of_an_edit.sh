#!/bin/sh
# size_of_an_edit.sh - an edit of a picture of 1000x700 came back as 64x48 without a word: pictures are
# brought to the sizes that the model knows, and who edits one expects its own.
. "${srcdir:-.}/tests/cli/lib.sh"
small
says 0 draw cat $quick --size 48x32 -o fits.png
holds "$room/err" '^seed 7, 48x32'
edits="-d ref --timesteps 2 --seed 7"
says='this model takes in sides of [0-9]* to [0-9]* pixels, in multiples of 16, [0-9]* in all; --size asks for another$'

says 0 edit fits.png blue $edits -o same.png
lacks "$room/err" 'will be'

# A picture of 1000x700, which the miniature cannot take in as it is.
python3 - "$srcdir" <<'END' || fail 'no picture to edit'
import struct, sys, zlib
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
rows = b"".join(b"\0" + bytes(3 * 1000) for _ in range(700))
open("large.png", "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1000, 700, 8, 2, 0, 0, 0)) +
                              chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
END
says 0 edit large.png blue $edits -o edited.png
line=$(grep 'will be' "$room/err")
printf '%s\n' "$line" >said
holds said "^the picture will be \([0-9]*x[0-9]*\) and not 1000x700 as large.png: $says"
size=$(expr "$line" : 'the picture will be \([0-9]*x[0-9]*\)')
says 0 inspect edited.png
holds "$room/out" "^PNG of $size$"
says 0 edit large.png blue $edits -o quiet.png -q
test ! -s "$room/err" || fail '-q is not quiet'
says 0 edit large.png blue $edits -o asked.png --size "$size"
lacks "$room/err" 'will be'
says 0 edit fits.png large.png blue $edits -o several.png -n 2
test "$(grep -c 'will be' "$room/err")" = 1 || fail 'said for each picture'
says 0 edit large.png fits.png blue $edits -o last.png
lacks "$room/err" 'will be'
"$motcl" edit - blue $edits -o stdin.png <large.png >"$room/out" 2>"$room/err"
holds "$room/err" "not 1000x700 as stdin: $says"
says 0 plan edit large.png blue -d ref
holds "$room/err" "^the picture will be $size and not 1000x700"
says 0 run -i large.png -t a --write --draw --size "$size" --draw --max-tokens 2 $edits -o run.png
lacks "$room/err" 'will be'
says 0 run -i large.png -t a --draw --write --max-tokens 2 $edits -o run2.png
holds "$room/err" "^the picture will be $size and not 1000x700"
says 0 ask large.png what -d ref --max-tokens 2
lacks "$room/err" 'will be'
printf '/image large.png\n/edit blue\n/edit red\n/undo\n/undo\n/image fits.png\n/edit green\n' | "$motcl" chat $edits >"$room/out" 2>"$room/err" || fail chat
test "$(grep -c "^the picture will be $size and not 1000x700 as the one before it: $says" "$room/err")" = 1 || fail 'chat does not say it once'
test "$(grep -c 'will be' "$room/err")" = 1 || fail 'chat says it of the wrong pictures'
finish
