"""Examines a model folder through motcl itself, or the judge on rendered truth. Python only.

    evaluate.py --truth                                the judge alone: must be right in at least 0.99
    evaluate.py -m FOLDER [--motcl FILE] [-n 300] [--only draw,edit] [--seed 1] [--keep DIR]

Prints a table and, with --json FILE, writes the figures there. The same seed asks the same questions.
"""
import argparse
import concurrent.futures
import json
import os
import random
import re
import subprocess
import sys
import tempfile

import exam
import look
import plain
import png
import world

GOALS = {"draw": 0.85, "draw, held apart": 0.75, "edit": 0.75, "ask": 0.95, "describe and draw again": 0.80,
         "think and draw": 0.70}


class Motcl:
    """Runs the command; every job in files of its own."""

    def __init__(self, program, model, points, keep):
        self.program, self.model, self.points = program, model, points
        self.folder = keep or tempfile.mkdtemp(prefix="nano-")
        os.makedirs(self.folder, exist_ok=True)

    def _run(self, *words):
        command = [self.program, *words, "-m", self.model, "-q"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}\nfailed: {done.stderr.strip()}")
        return done.stdout

    def file(self, name):
        return os.path.join(self.folder, name + ".png")

    def _picture(self, name, seed, *words):
        path = self.file(name)
        if os.path.exists(path):
            os.remove(path)
        self._run(*words, "--seed", str(seed), "--timesteps", str(self.points), "-o", path)
        return path

    def draw(self, name, seed, text, *more):
        return self._picture(name, seed, "draw", text, *more)

    def edit(self, name, seed, picture, text):
        return self._picture(name, seed, "edit", picture, text)

    def ask(self, picture, text, *more):
        return self._run("ask", picture, text, "--max-tokens", "60", *more).strip()

    def ask_session(self, parts, text):
        words = [w for kind, value in parts for w in (("-t", value) if kind == "text" else ("-i", value))]
        return self._run("run", *words, "-t", text, "--write", "--max-tokens", "60").strip()


def spoken(text):
    """An answer without its thought."""
    return re.sub(r"^.*</think>", "", text, flags=re.S).strip().lower()


def truth(n, seed):
    """The judge on pictures whose content is known, by each renderer there is."""
    rng = random.Random(seed)
    scenes = [world.make(rng, line=True) for _ in range(n)]
    painters = {"polygons, pure colours": plain.paint, "polygons, own colours": lambda s: plain.paint(s, False)}
    try:
        import paint
        side = world.SIDE
        painters["distances, as in training"] = lambda s: png.Picture(side, side, paint.paint([s])[0].tobytes())
    except ImportError:
        print("numpy is not there: the training renderer is not tried")
    right = {}
    for name, painter in painters.items():
        right[name] = sum(exam.same(look.see(painter(s)), exam.as_sight(s)) for s in scenes) / n
        print(f"judge on {name}: {right[name]:.3f} of {n}")
    return right


def _each(jobs, work, items):
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(work, range(len(items)), items))


def draw(m, jobs, n, seed, apart=False):
    def one(i, item):
        text, scene, named = item
        path = m.draw(f"draw{'-apart' if apart else ''}-{i}", seed + i, text)
        return exam.drawn(scene, named, look.see(png.read(path)))
    return _each(jobs, one, exam.prompts(seed, n, apart))


def edit(m, jobs, n, seed, apart=False):
    def one(i, item):
        kind, before, text, after = item
        name = f"edit{'-apart' if apart else ''}-{i}"
        source = m.file(name + "-before")
        png.write(source, plain.paint(before, False))
        row = exam.edited(kind, before, after, look.see(png.read(m.edit(name, seed + i, source, text))))
        return {**row, kind: row["all"]}
    return _each(jobs, one, exam.edits(seed, n, apart))


def ask(m, jobs, n, seed, think=False):
    def one(i, item):
        kind, scene, text, answer = item
        source = m.file(f"ask-{i}")
        png.write(source, plain.paint(scene, False))
        said = m.ask(source, text, *(["--think"] if think else []))
        right = spoken(said) == answer
        return {"all": right, kind: right}
    return _each(jobs, one, exam.questions(seed, n))


def again(m, jobs, n, seed):
    """A picture is described, and the description drawn."""
    def one(i, item):
        scene = item[1]
        source = m.file(f"again-{i}-before")
        png.write(source, plain.paint(scene, False))
        said = spoken(m.ask(source, "describe the picture"))
        path = m.draw(f"again-{i}", seed + i, said or "nothing")
        return {"all": exam.same(look.see(png.read(path)), exam.as_sight(scene))}
    return _each(jobs, one, exam.prompts(seed + 1, n))


def think(m, jobs, n, seed):
    def one(i, item):
        text, _, scene, named = item
        path = m.draw(f"think-{i}", seed + i, text, "--think", "--max-think-tokens", "60")
        return exam.drawn(scene, named, look.see(png.read(path)))
    return _each(jobs, one, exam.wishes(seed, n))


def session(m, jobs, n, seed):
    """Drawn, what was drawn is edited, and asked about."""
    def one(i, item):
        kind, before, text, after = item
        rng = random.Random(f"session {seed} {i}")
        first = world.prompt(rng, before, full=True)[0]
        drawn = m.draw(f"session-{i}-1", seed + i, first)
        path = m.edit(f"session-{i}-2", seed + i, drawn, text)
        row = exam.edited(kind, before, after, look.see(png.read(path)))
        query, answer = world.question(rng, after)[1:3]
        said = m.ask_session([("text", first), ("picture", drawn), ("text", text), ("picture", path)], query)
        row = {"edit done": row["done"], "answer": spoken(said) == answer}
        return {**row, "all": all(row.values())}
    return _each(jobs, one, exam.edits(seed + 2, n))


PARTS = {"draw": ("draw", draw), "apart": ("draw, held apart", lambda *a: draw(*a, apart=True)),
         "edit": ("edit", edit),
         "edit-apart": ("edit, held apart", lambda *a: edit(*a, apart=True)), "ask": ("ask", ask),
         "reason": ("ask --think", lambda *a: ask(*a, think=True)),
         "again": ("describe and draw again", again),
         "think": ("think and draw", think), "session": ("draw, edit, ask", session)}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--truth", action="store_true", help="examine the judge instead")
    p.add_argument("-m", "--model", help="the model's folder")
    p.add_argument("--motcl", default="motcl", help="the command [motcl]")
    p.add_argument("-n", type=int, default=300, help="questions of each kind [300]")
    p.add_argument("--points", type=int, default=25, help="points of the time grid [25]")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--jobs", type=int, default=os.cpu_count(), help="commands at a time")
    p.add_argument("--only", help="of " + ", ".join(PARTS))
    p.add_argument("--keep", metavar="DIR", help="keep the pictures there")
    p.add_argument("--json", metavar="FILE", help="write the figures there")
    a = p.parse_args()
    if a.truth:
        sys.exit(min(truth(a.n, a.seed).values()) < 0.99)
    if not a.model:
        p.error("name a model with -m, or --truth")
    wanted = a.only.split(",") if a.only else list(PARTS)
    if set(wanted) - set(PARTS):
        p.error("unknown part: " + ", ".join(sorted(set(wanted) - set(PARTS))))
    m, figures = Motcl(a.motcl, a.model, a.points, a.keep), {}
    for part in wanted:
        name, work = PARTS[part]
        figures[name] = exam.shares(work(m, a.jobs, a.n, a.seed))
        goal = f"   goal {GOALS[name]:.2f}" if name in GOALS else ""
        print(f"{name}: {figures[name]['all'][0]:.3f}{goal}")
        rest = ", ".join(f"{k} {v:.2f}" for k, (v, _) in sorted(figures[name].items()) if k != "all")
        if rest:
            print(f"   {rest}", flush=True)
    if a.json:
        with open(a.json, "w", encoding="utf-8") as f:
            json.dump(figures, f, indent=1)


if __name__ == "__main__":
    main()
