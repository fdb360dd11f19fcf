"""Tests of examples/nano that need nothing but Python: check.py SOURCE_FOLDER."""
import json
import multiprocessing
import os
import random
import re
import struct
import sys
import tempfile
import unittest
import zlib

TOP = os.path.abspath(sys.argv.pop(1))
sys.path.insert(0, os.path.join(TOP, "examples", "nano"))

import evaluate  # noqa: E402
import exam  # noqa: E402
import look  # noqa: E402
import plain  # noqa: E402
import png  # noqa: E402
import words  # noqa: E402
import world  # noqa: E402

NOUN = (r"an? (?:(small|big|little|large) )?(" + "|".join(world.COLOURS) + ") (" + "|".join(world.KINDS) + ")")


def names(scene):
    return [(s.size, s.colour, s.kind) for s in scene.shapes]


class World(unittest.TestCase):
    def test_one_pair_in_ten_is_held_apart_whatever_the_order(self):
        every = [(c, k) for c in world.COLOURS for k in world.KINDS]
        pairs = [(a, b) for i, a in enumerate(every) for b in every[:i] if a[1] != b[1]]
        held = [p for p in pairs if world.held_apart(*p)]
        self.assertEqual(held, [(a, b) for a, b in pairs if world.held_apart(b, a)])
        self.assertTrue(0.07 < len(held) / len(pairs) < 0.13)
        for kind in world.KINDS:  # the rule shuts out no kind and no colour
            self.assertTrue(any(kind in (a[1], b[1]) for a, b in held))
        for colour in world.COLOURS:
            self.assertTrue(any(colour in (a[0], b[0]) for a, b in held))

    def test_training_never_meets_them_and_examination_does(self):
        rng = random.Random(1)
        self.assertFalse(any(world.is_held_apart(world.make(rng)) for _ in range(3000)))
        self.assertTrue(all(world.is_held_apart(world.make(rng, 2, held=True)) for _ in range(50)))
        for kind in world.EDITS:
            for _ in range(200):
                before, _, after = world.edit(rng, kind)
                self.assertFalse(world.is_held_apart(before) or world.is_held_apart(after))

    def test_shapes_lie_inside_and_apart(self):
        rng = random.Random(2)
        for _ in range(500):
            scene = world.make(rng)
            self.assertTrue(world.is_clear(scene.shapes), scene)
            self.assertEqual(world.in_order(scene.shapes), scene.shapes)

    def test_what_is_drawn_is_calmer_and_no_poorer(self):
        rng = random.Random(9)
        calm = [world.make(world.Calm(rng)) for _ in range(600)]
        free = [world.make(rng) for _ in range(600)]

        def spread(scenes, value):
            of = [value(s) for scene in scenes for s in scene.shapes if s.size == "small" and len(scene.shapes) == 1]
            return max(of) - min(of)
        for value in (lambda s: s.turn, lambda s: s.r, lambda s: s.waist):
            self.assertLess(spread(calm, value), 0.4 * spread(free, value))
        self.assertTrue(all(world.is_clear(scene.shapes) for scene in calm))
        for of in (lambda c: names(c)[0], lambda c: c.background,
                   lambda c: c.place() if len(c.shapes) == 1 else c.relation()):
            self.assertLessEqual({of(c) for c in free}, {of(c) for c in calm})
        for kind in world.EDITS:  # the change alone is calm
            before, _, after = world.edit(random.Random(5), kind, change=world.Calm(random.Random(6)))
            self.assertEqual(before, world.edit(random.Random(5), kind, change=random.Random(6))[0])

    def test_the_same_seed_makes_the_same_world(self):
        self.assertEqual(exam.edits(3, 20), exam.edits(3, 20))
        self.assertNotEqual(exam.edits(3, 20), exam.edits(4, 20))


class Says(unittest.TestCase):
    def test_prompts_say_what_is_there(self):
        rng = random.Random(3)
        for _ in range(1000):
            scene = world.make(rng)
            text, named = world.prompt(rng, scene)
            said = re.findall(NOUN, text)
            self.assertEqual(sorted(s[1:] for s in said), sorted(n[1:] for n in names(scene)), text)
            for size, colour, kind in said:
                i = [s.kind for s in scene.shapes].index(kind)
                usual = {"little": "small", "large": "big"}.get(size, size)
                self.assertEqual(usual, scene.shapes[i].size if f"size{i}" in named else "", text)
            self.assertEqual("background" in named, re.sub("grey", "gray", text).replace(" background", "")
                             .endswith(scene.background), text)
            if "relation" in named:
                self.turn_round(text, said, scene)

    def turn_round(self, text, said, scene):
        words_of = {"left of": "left of", "right of": "right of", "above": "above|over", "below": "below|under"}
        relation = [r for r, w in words_of.items() if re.search(w, text)]
        self.assertEqual(len(relation), 1, text)
        first = [s.kind for s in scene.shapes].index(said[0][2])
        self.assertEqual(relation[0], scene.relation() if first == 0 else world.OPPOSITE[scene.relation()], text)

    def test_what_is_drawn_from_a_prompt_stands_in_one_way(self):
        rng, free = random.Random(10), 0
        for _ in range(1000):
            scene = world.make(rng, 2)
            text, named = world.prompt(rng, scene, drawn=True)
            if "relation" not in named:
                free += 1
                self.assertEqual([s[2] for s in re.findall(NOUN, text)], [s.kind for s in scene.shapes], text)
                self.assertEqual(scene.relation(), "left of", text)
        self.assertGreater(free, 30)

    def test_a_description_names_everything(self):
        rng = random.Random(4)
        for _ in range(300):
            scene = world.make(rng)
            text = world.prompt(rng, scene, full=True)[0]
            self.assertEqual(re.findall(NOUN, text), names(scene))
            self.assertTrue(text.endswith(f" on {scene.background}"))
            self.assertIn(scene.place() if len(scene.shapes) == 1 else scene.relation(), text)

    def test_answers(self):
        for kind, scene, text, answer in exam.questions(5, 700):
            asked = re.search("|".join(world.KINDS), text)
            first = [s for s in scene.shapes if asked and s.kind == asked[0]]
            if kind == "colour":
                self.assertEqual(answer, first[0].colour)
            elif kind == "shape":
                self.assertEqual([s.kind for s in scene.shapes if s.colour in text], [answer])
            elif kind == "count":
                self.assertEqual(answer, {1: "one", 2: "two"}[len(scene.shapes)])
            elif kind == "where":
                self.assertEqual(answer, world.place_of(first[0].x, first[0].y))
            elif kind == "relation":
                a, b = (next(s for s in scene.shapes if s.kind == k) for k in re.findall("|".join(world.KINDS), text))
                true = {"left of": a.x < b.x, "right of": a.x > b.x, "above": a.y < b.y, "below": a.y > b.y}
                wide = abs(a.x - b.x) >= abs(a.y - b.y)
                claim = next(r for r in world.RELATIONS if r in text)
                self.assertEqual(answer == "yes", true[claim] and wide == (claim in ("left of", "right of")), text)

    def test_edits_leave_the_rest_alone(self):
        rng = random.Random(6)
        for kind in world.EDITS:
            for _ in range(100):
                before, text, after = world.edit(rng, kind)
                old, new = set(before.shapes), set(after.shapes)
                self.assertEqual(before.rgb == after.rgb, kind != "background", text)
                self.assertEqual(len(before.shapes) - len(after.shapes), int(kind == "remove"))
                if kind == "put":
                    self.assertNotEqual(names(before) + [before.relation()], names(after) + [after.relation()], text)
                    continue
                self.assertEqual(len(old & new), len(before.shapes) - int(kind != "background"), text)
                for changed in new - old:
                    self.assertTrue(changed.kind in text or changed.size in text, text)

    def test_loose_requests_hint_at_all_that_is_named(self):
        rng = random.Random(7)
        for _ in range(500):
            scene = world.make(rng)
            text, plan, _ = world.loose(rng, scene)
            for s in scene.shapes:
                self.assertTrue(any(h in text for h in world.ROUND[s.kind]), text)
                self.assertTrue(s.colour in text or world.LIKE[s.colour] in text, text)
                self.assertIn(s.name(), plan)


class Tokens(unittest.TestCase):
    tok = words.Tokenizer()

    def test_texts_come_back(self):
        for text in list(words.corpus(8, 100)) + ["", "  x", "Zebra! 42\n", "caf\u00e9 \u4f60"]:
            self.assertEqual(self.tok.decode(self.tok.encode(text)), text)

    def test_every_word_of_a_prompt_is_one_token(self):
        rng = random.Random(9)
        for _ in range(200):
            text = world.prompt(rng, world.make(rng))[0]
            self.assertEqual(len(self.tok.encode(text)), len(text.split()), text)

    def test_the_vocabulary_is_whole(self):
        ids = sorted(list(self.tok.vocab.values()) + list(self.tok.special.values()))
        self.assertEqual(ids, list(range(self.tok.size)))
        self.assertEqual(len(words.byte_map()), 256)

    def test_processes_of_one_training_learn_it_side_by_side(self):
        with tempfile.TemporaryDirectory() as folder, multiprocessing.get_context("fork").Pool(3) as pool:
            path = os.path.join(folder, "merges.json")
            for tok in pool.map(words.kept, [path] * 3, chunksize=1):
                self.assertEqual(tok.merges, self.tok.merges)
            self.assertEqual(os.listdir(folder), ["merges.json"])

    def test_the_system_texts_are_those_of_the_runtime(self):
        with open(os.path.join(TOP, "protocols", "bagel.json"), encoding="utf-8") as f:
            said = json.load(f)["think"]
        self.assertEqual(words.PAINT_SYSTEM, said["picture"])
        self.assertEqual(words.ANSWER_SYSTEM, said["text"])


class Pictures(unittest.TestCase):
    def test_png_comes_back(self):
        rng = random.Random(10)
        picture = png.Picture(5, 3, bytes(rng.randrange(256) for _ in range(45)))
        back = png.decode(png.encode(picture))
        self.assertEqual((back.width, back.height, back.rgb), (5, 3, picture.rgb))

    def test_every_filter_is_undone(self):
        rng = random.Random(11)
        want = [bytes(rng.randrange(256) for _ in range(12)) for _ in range(5)]
        raw, before = b"", bytes(12)
        for kind, row in enumerate(want):
            raw += bytes([kind]) + bytes((v - self.guess(kind, row, before, i)) & 255 for i, v in enumerate(row))
            before = row
        head = struct.pack(">IIBBBBB", 4, 5, 8, 2, 0, 0, 0)
        chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(raw)), (b"IEND", b"")]
        data = b"\x89PNG\r\n\x1a\n" + b"".join(struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d))
                                               for n, d in chunks)
        self.assertEqual(png.decode(data).rgb, b"".join(want))

    @staticmethod
    def guess(kind, row, before, i):
        a, b, c = (row[i - 3], before[i], before[i - 3]) if i >= 3 else (0, before[i], 0)
        if kind == 4:
            return min((a, b, c), key=lambda v: abs(a + b - c - v))
        return [0, a, b, (a + b) // 2][kind]

    def test_what_is_no_png_is_refused(self):
        good = png.encode(png.Picture(2, 2, bytes(12)))
        for bad in (b"", b"x" * 40, good[:8], good.replace(b"\x08\x02\0\0\0", b"\x10\x02\0\0\0", 1)):
            with self.assertRaises(ValueError):
                png.decode(bad)


class Judge(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        rng = random.Random(12)
        cls.scenes = [world.make(rng) for _ in range(24)]
        cls.sights = [look.see(plain.paint(s, i % 2 == 0)) for i, s in enumerate(cls.scenes)]

    def test_sees_what_was_painted(self):
        for scene, sight in zip(self.scenes, self.sights):
            self.assertTrue(exam.same(sight, exam.as_sight(scene)), (scene, sight))

    def test_colours_by_name_and_their_neighbours(self):
        rng = random.Random(13)
        for name in world.COLOURS + world.BACKGROUNDS:
            for rgb in world.SHADES[name]:
                self.assertEqual(look.colour_name(rgb), name)
            for _ in range(200):
                self.assertEqual(look.colour_name(world.shade(rng, name)), name)

    def test_a_wrong_picture_is_not_right(self):
        for scene, sight in zip(self.scenes, self.sights):
            named = world.prompt(random.Random(0), scene, full=True)[1]
            self.assertTrue(exam.drawn(scene, named, sight)["all"])
            for other, seen in zip(self.scenes, self.sights):
                if not exam.same(exam.as_sight(scene), exam.as_sight(other)):
                    self.assertFalse(exam.drawn(scene, named, seen)["all"])

    def test_what_was_not_named_may_be_anything(self):
        scene, sight = next((s, v) for s, v in zip(self.scenes, self.sights) if len(s.shapes) == 2)
        other = look.Sight("black" if scene.background == "white" else "white", sight.things)
        self.assertTrue(exam.drawn(scene, {"relation"}, other)["all"])
        self.assertFalse(exam.drawn(scene, {"background"}, other)["all"])

    def test_edits_done_undone_and_overdone(self):
        for kind, before, _, after in exam.edits(14, 70):
            self.assertTrue(exam.edited(kind, before, after, exam.as_sight(after))["all"])
            self.assertFalse(exam.edited(kind, before, after, exam.as_sight(before))["all"])
            if kind != "background":
                spoilt = look.Sight(next(b for b in world.BACKGROUNDS if b != after.background),
                                    exam.as_sight(after).things)
                self.assertEqual(exam.edited(kind, before, after, spoilt), {"done": True, "kept": False, "all": False})

    def test_an_answer_is_what_follows_the_thought(self):
        self.assertEqual(evaluate.spoken("<think> the circle is red </think> red\n"), "red")
        self.assertEqual(evaluate.spoken("On the left"), "on the left")


if __name__ == "__main__":
    unittest.main()
