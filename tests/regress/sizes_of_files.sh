#!/bin/sh
# sizes_of_files.sh - 'motcl inspect' of nano told 26.9 MiB, and its page and its files 21 MB. Seen by: whoever
# looks whether a download is whole. What was the matter: tables that files leave out, and the patch layer a
# second time in another order, were counted with what the files hold.
. "${srcdir:-.}/tests/cli/lib.sh"
says 0 inspect "$srcdir/examples/nano/model"
holds "$room/out" '^all in the files .* 20\.3 MiB  BF16$'
holds "$room/out" '^computed beside .* F32$'
says 0 inspect "$srcdir/examples/nano/model" --json
python3 - "$room/out" "$srcdir"/examples/nano/model/*.safetensors <<'END' || fail "the weights' sizes are not those of the files"
import json, os, struct, sys
told, files = json.load(open(sys.argv[1])), sys.argv[2:]
held = sum(os.path.getsize(f) - 8 - struct.unpack("<Q", open(f, "rb").read(8))[0] for f in files)
assert told["total"]["bytes"] == held, (told["total"], held)
assert told["total"]["bytes"] == sum(w["bytes"] for w in told["weights"].values())
assert told["computed"]["bytes"] > 4 << 20
END
finish
