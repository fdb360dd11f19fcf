#!/bin/sh
# note_steers_terminal.sh - 'motcl inspect' of a folder sent to the terminal whatever its motcl.json has as a note,
# commands to the terminal too. Seen by: whoever looks at a folder from elsewhere before using it. What was the
# matter: only what pictures say of themselves was cleaned.
. "${srcdir:-.}/tests/cli/lib.sh"
make_model "$room/model"
python3 - "$room/model/motcl.json" <<'END'
import json, sys
own = json.load(open(sys.argv[1]))
own["note"] = "by\t\x1b[31mnobody\x07\u009b0m\nand a second line"
json.dump(own, open(sys.argv[1], "w"))
END
says 0 inspect "$room/model"
holds "$room/out" "^by$(printf '\t')?\[31mnobody??0m\$"
holds "$room/out" '^and a second line$'
lacks "$room/out" "$(printf '[\033\007]')"
finish
