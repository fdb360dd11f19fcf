"""A command on a terminal, and what a person then sees: the bytes are drawn on a screen, as xterm and its like draw them.

usage: screen.py COLUMNSxROWS COMMAND [WORD...] <STEPS

Steps are lines, done in order; a text in them may have the escapes of Python.

    wait TEXT            until a row of the screen has TEXT
    gone TEXT            until none has it
    type TEXT            on the keyboard
    size COLUMNSxROWS    the window is resized while the command stands still; rows that no longer fit are wrapped anew
    show                 print what stands there now, and a line of dashes

After the last of them the command is waited for, and all that was ever on the screen is printed: its exit status is ours.
"""

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import unicodedata

PATIENCE = 120  # seconds without a word are a failure


def cells(c):
    """Columns that a character takes."""
    if unicodedata.combining(c):
        return 0
    return 2 if unicodedata.east_asian_width(c) in "WF" else 1


class Screen:
    """Rows of characters, from the first that ever was to the last, and a cursor."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.row = [[]]  # each character's cell; the second of a wide one is ""
        self.wrapped = [False]  # whether a row goes on in the next
        self.y = self.x = 0
        self.pending = ""

    def top(self):
        return max(0, len(self.row) - self.rows)

    def down(self):
        self.y += 1
        if self.y == len(self.row):
            self.row.append([])
            self.wrapped.append(False)

    def put(self, c):
        wide = cells(c)
        if not wide:
            return
        if self.x + wide > self.columns:  # the last column was written to: only now the next row begins
            self.wrapped[self.y] = True
            self.down()
            self.x = 0
        row = self.row[self.y]
        row.extend(" " * (self.x - len(row)))
        row[self.x:self.x + wide] = [c] + [""] * (wide - 1)
        self.x += wide

    def erase_right(self):
        del self.row[self.y][self.x:]
        self.wrapped[self.y] = False

    def control(self, kind, number):
        n = number or 1
        if kind == "A":
            self.y = max(self.top(), self.y - n)
        elif kind == "B":
            self.y = min(len(self.row) - 1, self.y + n)
        elif kind == "C":
            self.x = min(self.columns - 1, self.x + n)
        elif kind == "D":
            self.x = max(0, self.x - n)
        elif kind == "G":
            self.x = min(self.columns, n) - 1
        elif kind in "JK" and number == 0:
            self.erase_right()
            if kind == "J":
                del self.row[self.y + 1:], self.wrapped[self.y + 1:]
        elif kind == "P":
            del self.row[self.y][self.x:self.x + n]
        elif kind == "@":
            self.row[self.y][self.x:self.x] = [" "] * n
        elif kind not in "mhl":
            sys.exit("screen.py does not know the sequence of %r" % kind)

    def sequence(self, text):
        """Characters of the escape sequence that `text` begins with; 0 if it is not whole."""
        if len(text) < 2:
            return 0
        if text[1] in "_P]":  # what is for pixels and titles, up to its end
            ends = [text.find(e) + len(e) for e in ("\x1b\\", "\a") if e in text]
            return min(ends) if ends else 0
        if text[1] != "[":
            return 2
        for i in range(2, len(text)):
            if "@" <= text[i] <= "~":
                number = text[2:i].lstrip("?").split(";")[0]
                self.control(text[i], int(number) if number else 0)
                return i + 1
        return 0

    def feed(self, text):
        text = self.pending + text
        while text:
            c, n = text[0], 1
            if c == "\x1b":
                n = self.sequence(text)
                if not n:
                    break
            elif c == "\r":
                self.x = 0
            elif c == "\n":
                self.down()
            elif c == "\b":
                self.x = max(0, self.x - 1)
            elif c == "\t":
                self.x = min(self.columns - 1, (self.x // 8 + 1) * 8)
            elif c >= " ":
                self.put(c)
            text = text[n:]
        self.pending = text

    def resize(self, columns, rows):
        """Lines are wrapped anew, and the cursor stays with the character that it was at."""
        lines, at = [[]], None
        for y, row in enumerate(self.row):
            if y == self.y:
                at = (len(lines) - 1, len(lines[-1]) + self.x)
            lines[-1].extend(row)
            if not self.wrapped[y] and y + 1 < len(self.row):
                lines.append([])
        self.columns, self.rows, self.row, self.wrapped = columns, rows, [], []
        for i, line in enumerate(lines):
            pieces = [line[k:k + columns] for k in range(0, max(1, len(line)), columns)]
            if i == at[0]:
                self.y = len(self.row) + min(at[1] // columns, len(pieces) - 1)
                self.x = min(at[1] - (self.y - len(self.row)) * columns, columns - 1)
            self.row += pieces
            self.wrapped += [True] * (len(pieces) - 1) + [False]

    def text(self):
        return "\n".join("".join(row).rstrip() for row in self.row)


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, columns, rows, words):
        self.screen = Screen(columns, rows)
        self.fd, slave = os.openpty()
        self.set_size()
        self.command = subprocess.Popen(words, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.rest = b""

    def set_size(self):
        size = struct.pack("HHHH", self.screen.rows, self.screen.columns, 0, 0)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, size)

    def read(self, patience=PATIENCE):
        """Draw what comes; False if nothing will come any more, or has not within that time."""
        if not select.select([self.fd], [], [], patience)[0]:
            if patience == PATIENCE:
                sys.exit("nothing comes; on the screen stands\n" + self.screen.text())
            return False
        try:
            more = os.read(self.fd, 4096)
        except OSError:  # what Linux says when the other end is closed
            more = b""
        self.rest += more
        whole = len(self.rest)
        while whole and not self.is_text(self.rest[:whole]):
            whole -= 1
        self.screen.feed(self.rest[:whole].decode())
        self.rest = self.rest[whole:]
        return bool(more)

    @staticmethod
    def is_text(data):
        try:
            data.decode()
        except UnicodeDecodeError:
            return False
        return True

    def wait(self, text, there):
        while (text in self.screen.text()) != there:
            if not self.read():
                sys.exit("it ended before %r came or went; on the screen stands\n%s" % (text, self.screen.text()))

    def resize(self, columns, rows):
        self.command.send_signal(signal.SIGSTOP)
        os.waitpid(self.command.pid, os.WUNTRACED)
        while self.read(0):
            pass
        self.screen.resize(columns, rows)
        self.set_size()
        self.command.send_signal(signal.SIGCONT)

    def do(self, step):
        verb, _, rest = step.partition(" ")
        text = rest.encode().decode("unicode_escape").encode("latin-1").decode()
        if verb in ("wait", "gone"):
            self.wait(text, verb == "wait")
        elif verb == "type":
            os.write(self.fd, text.encode())
        elif verb == "size":
            self.resize(*map(int, text.split("x")))
        elif verb == "show":
            print(self.screen.text(), "-" * 8, sep="\n")
        else:
            sys.exit("no step: %r" % step)


def main():
    columns, rows = map(int, sys.argv[1].split("x"))
    terminal = Terminal(columns, rows, sys.argv[2:])
    for step in sys.stdin.read().splitlines():
        terminal.do(step)
    while terminal.read():
        pass
    print(terminal.screen.text())
    sys.exit(terminal.command.wait())


main()
