"""Samples: what is laid side by side in one row of training, made fresh from a seed.

A sample is scenes and a list of items: ("text", words, learnt), ("clean", i), ("vision", i), ("noisy", i, copies),
where i counts the scenes; or several such lists, each a row, which differ in the conditions that they have. Dropping
conditions and counting positions follow doc/training.md, 2.2; noisy copies of one picture stand side by
side, at one position, and do not see one another.
"""
import random
import re

import numpy as np
import torch

import paint
import words
import world
from bagel import Plan, Segment

# rows a step, and noisy copies of the last picture in each
MIX = {"draw": (18, 2), "edit": (10, 4), "guided": (3, 4), "ask": (12, 0), "plan": (5, 2), "reason": (3, 0),
       "session": (3, 2)}
BATCHES = (("draw",), ("ask", "reason", "plan"), ("edit", "guided", "session"))  # kinds that share one
DROP_TEXT, DROP_CLEAN, DROP_VISION, DROP_BOTH = 0.1, 0.15, 0.2, 0.06


def draw(rng, copies):
    scene = world.make(world.Calm(rng))
    if rng.random() < 0.3 and all(s.kind != "star" for s in scene.shapes):  # the hardest to draw
        return draw(rng, copies)
    text = world.prompt(rng, scene, drawn=True)[0]
    items = [] if rng.random() < DROP_TEXT else [("text", text, False)]
    return [scene], items + [("noisy", 0, copies)]


def _sight(rng):
    """A scene to look at: any, or now and then one as it is drawn here."""
    return world.make(rng, line=True) if rng.random() < 0.75 else world.make(world.Calm(rng))


def ask(rng, copies):
    scene = _sight(rng)
    _, text, answer, _ = world.question(rng, scene)
    return [scene], [("vision", 0), ("text", text, False), ("text", answer, True)]


def _shown(rng, i):
    """A picture as condition: latents and vision tokens, each now and then missing."""
    both = rng.random() < DROP_BOTH
    return [("gone",) if both or rng.random() < DROP_CLEAN else ("clean", i),
            ("gone",) if both or rng.random() < DROP_VISION else ("vision", i)]


def _edit(rng):
    calm = world.Calm(rng)
    kind = rng.choices(world.EDITS, EDIT_WEIGHTS)[0]
    return world.edit(rng if rng.random() < 0.75 else calm, kind, change=calm)


def edit(rng, copies):
    before, text, after = _edit(rng)
    items = _shown(rng, 0)
    if rng.random() < 0.15:  # the picture was drawn in this session
        items.insert(0, ("text", world.prompt(rng, before)[0], False))
    if rng.random() >= DROP_TEXT:
        items.append(("text", text, False))
    return [before, after], items + [("noisy", 1, copies)]


EDIT_WEIGHTS = [1.3, 1, 1.2, 1, 1.2, 1, 1.3]


def guided(rng, copies):
    """An edit as guidance computes it: with all conditions, without the text, without the picture; under one noise."""
    before, text, after = _edit(rng)
    shown, said = [("clean", 0), ("vision", 0)], [("text", text, False)]
    return [before, after], *(items + [("noisy", 1, copies)] for items in (shown + said, shown, said))


def plan(rng, copies):
    scene = world.make(world.Calm(rng))
    text, wish, _ = world.loose(rng, scene)
    items = [("text", words.PAINT_SYSTEM, False)]
    if rng.random() >= DROP_TEXT:
        items += [("text", text, False), ("text", world.thought(wish), True)]
    return [scene], items + [("noisy", 0, copies)]


def reason(rng, copies):
    scene = _sight(rng)
    _, text, answer, why = world.question(rng, scene)
    return [scene], [("text", words.ANSWER_SYSTEM, False), ("vision", 0), ("text", text, False),
                     ("text", f"{world.thought(why)} {answer}", True)]


def session(rng, copies):
    """Drawn, edited, asked about; the last question now and then without latents, as a question alone is asked."""
    before, text, after = world.edit(world.Calm(rng), rng.choice(world.EDITS))
    _, query, answer, _ = world.question(rng, after)
    first = ("text", world.prompt(rng, before, drawn=True)[0], False)
    last = [("text", query, False), ("text", answer, True)]
    if rng.random() < 0.3:
        return [before, after], [first, ("vision", 0), ("text", text, False), ("vision", 1)] + last
    return [before, after], [first, ("noisy", 0, 1), ("clean", 0), ("vision", 0), ("text", text, False),
                             ("noisy", 1, copies), ("clean", 1), ("vision", 1)] + last


def share(rank, count):
    """The batches of one process of `count`, one or two, which have about the same work."""
    return BATCHES if count == 1 else (BATCHES[:2], BATCHES[2:])[rank]


KINDS = {"draw": draw, "edit": edit, "guided": guided, "ask": ask, "plan": plan, "reason": reason, "session": session}


def times(rng, n, shift, even):
    """Stratified timesteps: logit-normal, shifted towards noise, and a share `even` of them uniform."""
    u = torch.tensor([(i + rng.random()) / n for i in range(n)], dtype=torch.float64)
    t = torch.sigmoid(torch.special.ndtri(((u - even) / (1 - even)).clamp(1e-4, 1 - 1e-4)))
    t = torch.where(u < even, u / even, shift * t / (1 + (shift - 1) * t)).float()
    order = list(range(n))
    rng.shuffle(order)
    return t[order]


class Row:
    """One sample as tokens: segments, ids, what each text token is to be followed by (-1: anything), and its weight."""

    def __init__(self, tok, sizes):
        self.tok, self.sizes, self.position = tok, sizes, 0
        self.segments, self.ids, self.labels, self.weights = [], [], [], []

    def _add(self, kind, ids, labels, weight):
        self.segments.append(Segment(kind, len(ids), self.position))
        self.ids += ids
        self.labels += labels
        self.weights += [weight if v >= 0 else 0.0 for v in labels]

    def text(self, words_, learnt):
        ids = self.tok.encode(words_)
        labels = ids + [self.tok.eos, -1] if learnt else [-1] * (len(ids) + 2)
        self._add("text", [self.tok.bos] + ids + [self.tok.eos], labels, (len(ids) + 1) ** -0.5)
        self.position += len(ids) + 2

    def begun(self, ids):
        """A text whose next word is asked for; the label says only where."""
        self._add("text", [self.tok.bos] + ids, [-1] * len(ids) + [0], 0.0)

    def picture(self, kind):
        """A noisy picture leaves the position where it is."""
        cells = (self.sizes.side // (self.sizes.patch if kind == "vision" else 16)) ** 2
        ids = [self.tok.open] + [self.tok.eos] * cells + [self.tok.close]
        self._add(kind, ids, [-1] * len(ids), 0.0)
        self.position += kind != "noisy"


class Batch:
    """Samples of one kind, laid out: scenes to paint, and where everything goes.

    sights, latents  what the vision and the latent tokens show, in their order: scenes; (scene, is noisy)
    edited           which of `latents` are noisy pictures made from a clean one, and which clean one: [2, n]
    orders           by what words, or None
    guided           which of `latents` are one noisy picture with all conditions, without text, without picture: [3, n]
    asked            which text tokens have a label, with labels and weights beside it
    """

    def __init__(self, samples, tok, sizes):
        self.scenes, self.sights, self.latents, self.edited, self.orders, self.guided = [], [], [], [], [], []
        rows = [row for scenes, *lists in samples for row in self._rows(tok, sizes, scenes, lists)]
        self.plan = Plan([r.segments for r in rows], sizes)
        self.ids = self._lay([r.ids for r in rows], tok.eos, torch.int64)
        labels = self._lay([r.labels for r in rows], -1, torch.int64)
        self.asked = (labels >= 0).nonzero()[:, 0]
        self.labels = labels[self.asked]
        self.weights = self._lay([r.weights for r in rows], 0.0, torch.float32)[self.asked]
        self.edited = torch.tensor(self.edited, dtype=torch.int64).reshape(-1, 2).T
        self.guided = torch.tensor(self.guided, dtype=torch.int64).reshape(-1, 3).T
        self.noisy = torch.tensor([n for _, n in self.latents], dtype=torch.bool)
        self.pictures = torch.from_numpy(paint.paint(self.scenes))
        self.told = dense_labels([self.scenes[i] for i in self.sights], sizes.side // sizes.patch)
        self.meant = dense_labels([self.scenes[i] for i, _ in self.latents], sizes.side // 16)
        self.was = dense_labels([self.scenes[self.latents[i][0]] for i in self.edited[1].tolist()], sizes.side // 16)
        self.named = named(self.was["kind"], self.orders)

    def _rows(self, tok, sizes, scenes, lists):
        base, ends = len(self.scenes), []
        self.scenes += scenes
        for items in lists:
            yield self._row(Row(tok, sizes), base, items)
            ends.append(len(self.latents))
        if len(lists) == 3:  # the noisy pictures are the last of each row
            self.guided += [[end - 1 - k for end in ends] for k in range(lists[0][-1][2])]

    def _row(self, row, base, items):
        shown, said = None, None
        for kind, *rest in items:
            if kind == "text":
                row.text(*rest)
                said = rest[0]
            elif kind == "begun":
                row.begun(*rest)
            elif kind == "gone":
                row.position += 1
            else:
                for _ in range(rest[1] if kind == "noisy" else 1):
                    row.picture(kind)
                    if kind == "vision":
                        self.sights.append(base + rest[0])
                        continue
                    if kind == "clean":
                        shown, said = len(self.latents), None
                    elif shown is not None:
                        self.edited.append((len(self.latents), shown))
                        self.orders.append(said)
                    self.latents.append((base + rest[0], kind == "noisy"))
        return row

    def _lay(self, lists, fill, kind):
        """Lists of the rows as one tensor over all text tokens, in the plan's order."""
        out = torch.full((len(lists), self.plan.length), fill, dtype=kind)
        for r, values in enumerate(lists):
            out[r, :len(values)] = torch.tensor(values, dtype=kind)
        return out.flatten()[self.plan.places[:self.plan.texts]]

    def to(self, device):
        """Everything that is computed with on the device; pictures become floats [n, 3, side, side] in -1..1."""
        self.plan.to(device)
        for name in ("ids", "asked", "labels", "weights", "noisy", "edited", "guided", "named", "pictures"):
            setattr(self, name, getattr(self, name).to(device, non_blocking=True))
        for name in ("told", "meant", "was"):
            setattr(self, name, {h: v.to(device, non_blocking=True) for h, v in getattr(self, name).items()})
        self.pictures = self.pictures.permute(0, 3, 1, 2).float() / 127.5 - 1
        return self


def tokens(latent):
    """[n, 16, h, w] to [n, h/2 * w/2, 64]: row in patch, column in patch, channel."""
    n, c, h, w = latent.shape
    return latent.view(n, c, h // 2, 2, w // 2, 2).permute(0, 2, 4, 3, 5, 1).reshape(n, h * w // 4, 4 * c)


def untokens(t, h, w):
    """The way back: [n, tokens, 64] to [n, 16, h, w]."""
    n, c = t.shape[0], t.shape[2] // 4
    return t.view(n, h // 2, w // 2, 2, 2, c).permute(0, 5, 1, 3, 2, 4).reshape(n, c, h, w)


class Steps(torch.utils.data.IterableDataset):
    """Endless steps, each a list of (name, batch) with the rows of `mix` by `groups`, for worker processes or none."""

    def __init__(self, mix, groups, tok, sizes, seed):
        super().__init__()
        self.mix, self.groups, self.tok, self.sizes, self.seed = mix, groups, tok, sizes, seed

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        rng = random.Random(f"{self.seed} {worker.id if worker else 0}")
        while True:
            yield [("_".join(kinds), self._batch(rng, kinds)) for kinds in self.groups]

    def _batch(self, rng, kinds):
        return Batch([KINDS[k](rng, self.mix[k][1]) for k in kinds for _ in range(self.mix[k][0])],
                     self.tok, self.sizes)


# ---------------------------------------------------------------- what the vision encoder can be told directly
HEADS = {"ground": 3, "kind": len(world.KINDS) + 1, "colour": len(world.COLOURS), "size": 2, "where": 9}


def dense_labels(scenes, cells):
    """By patch: {head: int64 [scenes, cells * cells]}, -100 where there is nothing to say."""
    n, width = len(scenes), world.SIDE / cells
    out = {h: np.full((n, cells, cells), -100, np.int64) for h in HEADS}
    centre = (np.arange(cells) + 0.5) * width
    for i, scene in enumerate(scenes):
        out["ground"][i] = world.BACKGROUNDS.index(scene.background)
        away = np.full((cells, cells), 1e9)
        for k, s in enumerate(scene.shapes):
            d = np.hypot(centre[None] - s.x, centre[:, None] - s.y)
            on = (d < s.r + 0.2 * width) | (d == d.min())
            away = np.minimum(away, d - s.r)
            out["kind"][i][on] = 1 + world.KINDS.index(s.kind)
            out["colour"][i][on] = world.COLOURS.index(s.colour)
            out["size"][i][on] = world.SIZES.index(s.size)
            if len(scene.shapes) == 1:
                where = world.PLACES.index(scene.place())
            else:
                true = scene.relation() if k == 0 else world.OPPOSITE[scene.relation()]
                where = 5 + world.RELATIONS.index(true)
            out["where"][i][on] = where
        out["kind"][i][away > width] = 0
    return {h: torch.from_numpy(v).view(n, cells * cells) for h, v in out.items()}


def named(kinds, orders):
    """By patch, whether it has the shape that an instruction names: int64 like `kinds`, -100 without an instruction."""
    out = torch.full_like(kinds, -100)
    for i, order in enumerate(orders):
        if order is not None:
            word = re.search(r"the (\w+)", order)[1]
            out[i] = kinds[i] == (1 + world.KINDS.index(word) if word in world.KINDS else -1)
    return out
