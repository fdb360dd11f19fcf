#!/bin/sh
# remarks_hide_errors.sh - 'inspect --check' said 'The model can be used.' of one whose output matrix is all zero,
# where hundreds of tensors that are not used were damaged as well, and a folder with hundreds of unknown
# keys was opened without the weights it lacks. Seen by: whoever has a checkpoint with much else in it. What was
# the matter: the list of findings ends somewhere, and an error behind its end counted for nothing.
. "${srcdir:-.}/tests/cli/lib.sh"
small

# the damage that matters lies behind 250 tensors that nobody uses
cp -r "$room/model" "$room/junk"
python3 - "$room/junk/ema.safetensors" <<'END_OF_PYTHON' || fail 'no model was made'
import json, struct, sys
name = sys.argv[1]
with open(name, "rb") as f:
    size = struct.unpack("<Q", f.read(8))[0]
    head, data = json.loads(f.read(size)), bytearray(f.read())
begin, end = head["language_model.lm_head.weight"]["data_offsets"]
data[begin:end] = bytes(end - begin)
extra = struct.pack("<f", float("nan")) * 250
for tensor in head.values():
    if "data_offsets" in tensor:
        tensor["data_offsets"] = [at + len(extra) for at in tensor["data_offsets"]]
for i in range(250):
    head["a.junk%d" % i] = {"dtype": "F32", "shape": [1], "data_offsets": [4 * i, 4 * i + 4]}
text = json.dumps(head).encode()
text += b" " * (-len(text) % 8)
with open(name, "wb") as f:
    f.write(struct.pack("<Q", len(text)) + text + extra + data)
END_OF_PYTHON
says 0 inspect "$room/junk"
says 1 inspect --check "$room/junk"
holds "$room/out" '^The model cannot be used\.$'
holds "$room/out" '^remark: there are more remarks'
says 1 inspect --check "$room/junk" --json
holds "$room/out" '"usable": false'
says 1 inspect --check "$room/junk"
grep '^wrong\|^remark' "$room/out" | head -n 1 >"$room/first"
holds "$room/first" "^wrong: 'language_model.lm_head.weight' is all zero$"
finish
