"""A conversation on a terminal: lines are edited and kept, Ctrl-C ends what is being done and no more, pictures are shown.

usage: chat_pty.py MOTCL MODEL STATE PIXELS: STATE is a folder for the history, PIXELS 1 if the program was built with
libchafa. Prints nothing if all is well.
"""

import os
import pty
import select
import sys
import time

PATIENCE = 120  # seconds without a word are a failure


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, words, environment):
        self.seen = self.all = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(environment)
            os.execv(words[0], words)

    def read(self):
        if not select.select([self.fd], [], [], PATIENCE)[0]:
            sys.exit("nothing comes; so far: %r" % self.seen)
        try:
            more = os.read(self.fd, 4096)
        except OSError:  # what Linux says when the other end is closed
            more = b""
        self.seen += more
        self.all += more
        return more

    def wait_for(self, what):
        while what not in self.seen:
            if not self.read():
                sys.exit("it ended without %r: %r" % (what, self.seen))
        self.seen = self.seen[self.seen.index(what) + len(what):]

    def type(self, text):
        os.write(self.fd, text)

    def end(self):
        while self.read():
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def conversation():
    motcl, model, state = sys.argv[1:4]
    words = [motcl, "chat", "-m", model, "-d", "ref", "--seed", "7", "--size", "32x32",
             "--timesteps", "10000", "--max-tokens", "3"]
    t = Terminal(words, {"TERM": "xterm", "XDG_STATE_HOME": state})
    t.wait_for(b"/help lists")
    t.wait_for(b"> ")
    t.type(b"/sed\x7f\x7f\x7fseed\r")  # rubbed out and typed again
    t.wait_for(b"\n7\r\n")
    t.wait_for(b"> ")
    t.type(b"/draw a cat\r")
    t.wait_for(b"/9999")  # steps of the bar
    t.type(b"\x03")
    t.wait_for(b"motcl:")
    t.wait_for(b"cancelled")
    t.wait_for(b"> ")
    t.type(b"/nonsense")  # a line that is given up, once it is being edited
    t.wait_for(b"nonsense")
    time.sleep(0.5)
    t.type(b"\x03")
    t.wait_for(b"> ")
    for _ in range(30):  # typed the moment the prompt is there
        t.type(b"\x03")
        t.wait_for(b"> ")
    t.type(b"hello\r")
    t.wait_for(b"> ")
    t.type(b"/seed\r")
    t.wait_for(b"\n8\r\n")
    t.wait_for(b"> ")
    t.type(b"\x1b[A\r")  # the line before, once more
    t.wait_for(b"\n8\r\n")
    t.wait_for(b"> ")
    t.type(b"\x04")
    status = t.end()
    if status != 0:
        sys.exit("exit status %d" % status)
    with open(os.path.join(state, "motcl", "history"), encoding="utf-8") as f:
        lines = f.read()
    for line, there in (("/seed", True), ("hello", True), ("nonsense", False)):
        if (line in lines) != there:
            sys.exit("history and %r: %r" % (line, lines))


def pictures():
    """A finished picture, in the terminal's own form if the program can, else in half blocks."""
    motcl, model, state, pixels = sys.argv[1:]
    kitty = {"TERM": "xterm-kitty", "COLORTERM": "truecolor"}
    for environment, sign in ((kitty, b"\x1b_G" if pixels == "1" else b"\xe2\x96\x80"),
                              ({"TERM": "xterm-256color", "COLORTERM": ""}, b"\xe2\x96\x80"),
                              ({**kitty, "NO_COLOR": "1"}, None)):
        t = Terminal([motcl, "chat", "-m", model, "-d", "ref", "--size", "32x32", "--timesteps", "3"],
                     {"LC_ALL": "C.UTF-8", "XDG_STATE_HOME": state, **environment})
        t.wait_for(b"> ")
        t.type(b"/draw a cat\r")
        t.wait_for(b".png\r\n")
        t.wait_for(b"> ")
        whole = t.all
        t.type(b"\x04")
        t.end()
        shown = [s for s in (b"\x1b_G", b"\xe2\x96\x80", b"\x1bP") if s in whole]
        if shown != [sign] * (sign is not None):
            sys.exit("%r shows a picture by %r, not %r" % (environment, shown, sign))


conversation()
pictures()
