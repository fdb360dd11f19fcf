"""Make the odd files, let motcl read them, and hold what comes of it against what Pillow and the
safetensors library make of them (peers.list). Each difference must stand in the table of
host/io/README.md, and each line of that must be seen.

    python3 check.py LOOK SOURCE FOLDER

LOOK is the program of look.c; FOLDER is where the files are made.
"""
import fnmatch
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
import pictures  # noqa: E402
import weights  # noqa: E402


def make(folder):
    names = []
    for files in (pictures.files(), weights.files()):
        for name, data in files:
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as f:
                f.write(data)
            names.append(name)
    return names


def table(page):
    """Lines of the page's tables whose first cell names files: [patterns, what motcl does, seen]."""
    lines = []
    with open(page, encoding="utf-8") as f:
        for line in f:
            cells = [c.strip() for c in line.split("|")]
            if len(cells) == 6 and "/" in cells[1] and cells[1].startswith("`"):
                lines.append([re.findall("`([^`]+)`", cells[1]), cells[3], 0])
    return lines


def word(peer, ours):
    """What the table says of a difference."""
    return "refuses" if ours == "-" else "reads" if peer == "-" else "shows"


def main():
    look, source, folder = sys.argv[1:]
    with open(os.path.join(source, "tests/peers/peers.list"), encoding="utf-8") as f:
        peers = dict(line.rstrip("\n").split("\t") for line in f)
    known = table(os.path.join(source, "host/io/README.md"))
    names = make(folder)
    done = subprocess.run([os.path.abspath(look)], cwd=folder, input="".join(n + "\n" for n in names), text=True, stdout=subprocess.PIPE)
    ours = dict((line.split("\t")[0], line.split("\t")[1:]) for line in done.stdout.splitlines())
    wrong = []
    if done.returncode != 0 or list(ours) != names or set(peers) != set(names):
        wrong.append(f"{len(names)} files, {len(ours)} looked at, {len(peers)} recorded, exit status {done.returncode}")
    for name in ours:
        peer, mine = peers.get(name, "?"), ours[name][0]
        if peer == mine or peer == mine.split(" ")[0] + " large":
            continue
        lines = [k for k in known if any(fnmatch.fnmatchcase(name, p) for p in k[0]) and k[1].startswith(word(peer, mine))]
        for k in lines:
            k[2] += 1
        if not lines:
            wrong.append(f"{name}: the peer {peer}, motcl {' '.join(ours[name])}")
    wrong += [f"the table tells of {' '.join(k[0])}, which is not seen" for k in known if not k[2]]
    for line in wrong:
        print(line)
    print(f"{len(names)} files, {sum(k[2] > 0 for k in known)} known differences, {len(wrong)} others")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
