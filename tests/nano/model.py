"""The trained model of examples/nano, run by motcl, does what it was trained for: model.py SOURCE_FOLDER MOTCL.

A few of every kind, fixed by a seed, with some room below the measured figures. The whole examination is evaluate.py.
"""
import os
import subprocess
import sys
import tempfile
import unittest

MOTCL = os.path.abspath(sys.argv.pop(2))
TOP = os.path.abspath(sys.argv.pop(1))
NANO = os.path.join(TOP, "examples", "nano")
sys.path.insert(0, NANO)

import evaluate  # noqa: E402
import gallery  # noqa: E402
import look  # noqa: E402
import png  # noqa: E402

MODEL = os.path.join(NANO, "model")


class Model(unittest.TestCase):
    def share_right(self, kind, n, least):
        work = evaluate.PARTS[kind][1]
        with tempfile.TemporaryDirectory() as folder:
            rows = work(evaluate.Motcl(MOTCL, MODEL, 25, folder), 2, n, 5)
        right = sum(row["all"] for row in rows)
        self.assertGreaterEqual(right, least * n, rows)

    def test_draws(self):
        self.share_right("draw", 16, 0.85)

    def test_draws_pairs_it_never_saw(self):
        self.share_right("apart", 12, 0.8)

    def test_answers(self):
        self.share_right("ask", 14, 0.9)

    def test_edits(self):
        self.share_right("edit", 14, 0.7)

    def test_thinks(self):
        self.share_right("think", 8, 0.8)

    def test_the_readme_shows_what_it_draws(self):
        subprocess.run([sys.executable, "-B", os.path.join(NANO, "gallery.py"), "--check", "--motcl", MOTCL],
                       check=True)

    def test_a_session_draws_edits_and_answers(self):
        with tempfile.TemporaryDirectory() as folder:
            talk = "/draw a big red circle on white\n/edit make the circle green\nwhat colour is the circle?\n"
            said = subprocess.run([MOTCL, "chat", "-m", MODEL, "--seed", "1", "-q"], input=talk, text=True,
                                  check=True, cwd=folder, stdout=subprocess.PIPE).stdout.split("\n")
            drawn, edited = (look.see(png.read(os.path.join(folder, name))).things for name in said[:2])
        self.assertEqual([(t.kind, t.colour) for t in drawn], [("circle", "red")])
        self.assertEqual([(t.kind, t.colour) for t in edited], [("circle", "green")])
        self.assertEqual(said[2], "green")


if __name__ == "__main__":
    unittest.main()
