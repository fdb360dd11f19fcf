"""The pictures that README.md shows, drawn by motcl.

    gallery.py [--motcl FILE] [-m FOLDER]            draws them anew, into gallery/
    gallery.py --check [--motcl FILE] [-m FOLDER]    draws them elsewhere, and tells which differ

Runs without PyTorch. On another device a picture may differ by rounding; --check allows for that.
"""
import argparse
import os
import subprocess
import sys
import tempfile

import png

HERE = os.path.dirname(os.path.abspath(__file__))
NEAR = 2.0  # mean difference of a byte that rounding may make


def listed():
    """[(file, seed, words)] of gallery.list."""
    with open(os.path.join(HERE, "gallery.list"), encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("|") for line in f if not line.startswith("#")]
    return [(name, seed, words) for name, seed, *words in rows]


def draw(motcl, model, folder):
    """All of them, into a folder; edits find there what they edit."""
    for name, seed, words in listed():
        path = os.path.join(folder, name)
        if os.path.exists(path):
            os.remove(path)
        subprocess.run([motcl, *words, "--seed", seed, "-o", name, "-m", model, "-q"], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL)


def apart(a, b):
    """Mean difference of two pictures' bytes."""
    a, b = png.read(a).rgb, png.read(b).rgb
    return sum(abs(x - y) for x, y in zip(a, b)) / len(a) if len(a) == len(b) else 255.0


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--check", action="store_true", help="hold those that are there against new ones")
    p.add_argument("--motcl", default="motcl", help="the command [motcl]")
    p.add_argument("-m", "--model", default=os.path.join(HERE, "model"), help="model folder [the one beside this file]")
    a = p.parse_args()
    motcl = os.path.abspath(a.motcl) if os.sep in a.motcl else a.motcl
    there = os.path.join(HERE, "gallery")
    if not a.check:
        os.makedirs(there, exist_ok=True)
        draw(motcl, os.path.abspath(a.model), there)
        return
    with tempfile.TemporaryDirectory() as new:
        draw(motcl, os.path.abspath(a.model), new)
        found = {name: apart(os.path.join(there, name), os.path.join(new, name)) for name, _, _ in listed()}
    for name, difference in found.items():
        print(f"{name}: {difference:.2f}")
    sys.exit(any(difference > NEAR for difference in found.values()))


if __name__ == "__main__":
    main()
