#!/bin/sh
# answer_steers_terminal.sh - an answer went to the terminal with whatever the model had written, commands to the
# terminal too. Seen by: whoever asks a model from elsewhere about pictures from elsewhere. What was the matter:
# names and notes were cleaned, answers and thoughts were not.
. "${srcdir:-.}/tests/cli/lib.sh"
python_with pty
test -n "$python" || { echo "skip: no Python (Debian: python3)"; exit 77; }
small
ask="ask x -d ref --temperature 1 --seed 1 --max-tokens 60 -q"

# A model of random weights writes random bytes; a pipe gets them as they are.
says 0 $ask
"$python" - "$room/out" "$motcl" $ask <<'END' || fail "see above"
import os, pty, re, sys
steers = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
piped = open(sys.argv[1], encoding="utf-8", newline="").read()
if not steers.search(piped):
    sys.exit("the answer has nothing that would steer a terminal: choose another seed")
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
shown = b""
while True:
    try:
        part = os.read(fd, 4096)
    except OSError:
        break
    if not part:
        break
    shown += part
if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0:
    sys.exit("asking on a terminal failed")
shown = shown.decode().replace("\r\n", "\n")
if shown != steers.sub("?", piped):
    sys.exit("the terminal was shown %r and not %r" % (shown, steers.sub("?", piped)))
END
finish
