"""The world nano knows: scenes of one or two shapes, and what is said about them.

Everything comes from a `random.Random`, so a seed tells the whole data. Nothing here needs more than
Python itself; paint.py turns scenes into pictures.

A scene is written from left to right, or from the top down: with two shapes, the first is the left or
the upper one, so that a picture has one right description.
"""
import dataclasses
import zlib

SIDE = 64
KINDS = ("circle", "square", "triangle", "star", "cross")
COLOURS = ("red", "green", "blue", "yellow", "orange", "purple", "pink", "cyan")
SIZES = ("small", "big")
BACKGROUNDS = ("white", "gray", "black")
PLACES = ("in the centre", "on the left", "on the right", "at the top", "at the bottom")
RELATIONS = ("left of", "right of", "above", "below")
OPPOSITE = {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}
RADIUS = {"small": (7.0, 8.3), "big": (11.4, 13.0)}
REACH = 1.15  # no shape reaches further from its middle than this many radii
MOVES = {"in the centre": "to the centre", "on the left": "to the left", "on the right": "to the right",
         "at the top": "to the top", "at the bottom": "to the bottom"}

# Two corners of each colour's range: a soft one and the pure one that other programs use.
SHADES = {
    "red": ((214, 48, 48), (255, 0, 0)), "green": ((60, 160, 70), (0, 150, 0)),
    "blue": ((60, 84, 214), (0, 0, 255)), "yellow": ((238, 214, 60), (255, 255, 0)),
    "orange": ((240, 140, 40), (255, 165, 0)), "purple": ((130, 60, 170), (128, 0, 128)),
    "pink": ((240, 140, 185), (255, 192, 203)), "cyan": ((70, 205, 220), (0, 255, 255)),
    "white": ((240, 240, 240), (255, 255, 255)), "gray": ((112, 112, 112), (140, 140, 140)),
    "black": ((24, 24, 24), (0, 0, 0)),
}


@dataclasses.dataclass(frozen=True)
class Shape:
    """One shape: what it is called, and where and how it is painted (pixels, radians, shares of r)."""
    kind: str
    colour: str
    size: str
    x: float = 0.0
    y: float = 0.0
    r: float = 0.0
    turn: float = 0.0
    waist: float = 0.0  # 0..1: how thin a star or a cross is
    rgb: tuple = (0.0, 0.0, 0.0)

    def name(self):
        return f"{self.colour} {self.kind}"


@dataclasses.dataclass(frozen=True)
class Scene:
    shapes: tuple
    background: str
    rgb: tuple
    soft: float  # width of an edge in pixels
    line: float = 0.0  # width of a darker outline, mostly none

    def relation(self):
        """Of the first shape to the second: left of, or above."""
        a, b = self.shapes
        return "left of" if abs(b.x - a.x) >= abs(b.y - a.y) else "above"

    def place(self):
        return place_of(self.shapes[0].x, self.shapes[0].y)


def place_of(x, y):
    """The place of a single shape whose middle is at x, y."""
    dx, dy = x - SIDE / 2, y - SIDE / 2
    if max(abs(dx), abs(dy)) < SIDE * 0.11:
        return PLACES[0]
    if abs(dx) >= abs(dy):
        return PLACES[1] if dx < 0 else PLACES[2]
    return PLACES[3] if dy < 0 else PLACES[4]


def held_apart(a, b):
    """Whether these two names, as ("red", "circle"), never occur together in training.

    The rule sees neither order nor relation: a checksum of the two sorted names, one in ten.
    """
    names = sorted((f"{a[0]} {a[1]}", f"{b[0]} {b[1]}"))
    return zlib.crc32("|".join(names).encode()) % 10 == 0


def is_held_apart(scene):
    if len(scene.shapes) != 2:
        return False
    a, b = scene.shapes
    return held_apart((a.colour, a.kind), (b.colour, b.kind))


class Calm:
    """A random.Random whose spreads (`uniform`) are narrowed about their middle; choices stay as free as they were.

    What is to be drawn is painted with it: upright, in a middle shade, well laid out. What is looked at varies more.
    """

    SPREAD = 0.3

    def __init__(self, rng):
        self._rng = rng

    def uniform(self, low, high):
        middle, reach = (low + high) / 2, (high - low) / 2 * self.SPREAD
        return self._rng.uniform(middle - reach, middle + reach)

    def __getattr__(self, name):
        return getattr(self._rng, name)


def shade(rng, name):
    soft, pure = SHADES[name]
    u = rng.uniform(0, 1)
    common = rng.uniform(-5, 5)
    return tuple(min(255.0, max(0.0, s + u * (p - s) + common + rng.uniform(-4, 4))) for s, p in zip(soft, pure))


def painted(rng, kind, colour, size):
    """A shape with its own small differences, not yet anywhere."""
    return Shape(kind, colour, size, r=rng.uniform(*RADIUS[size]), turn=rng.uniform(-0.16, 0.16),
                 waist=rng.uniform(0, 1), rgb=shade(rng, colour))


def _inside(rng, middle, jitter, r):
    low, high = REACH * r + 0.5, SIDE - REACH * r - 0.5
    return min(high, max(low, middle + rng.uniform(-jitter, jitter)))


def put_single(rng, shape, place):
    """The shape at one of the five places."""
    edge, near = REACH * shape.r + 0.5, SIDE / 2 - 9.5
    far = rng.uniform(edge, max(edge, near))
    x, y = _inside(rng, SIDE / 2, 4, shape.r), _inside(rng, SIDE / 2, 4, shape.r)
    if place == PLACES[1]:
        x = far
    elif place == PLACES[2]:
        x = SIDE - far
    elif place == PLACES[3]:
        y = far
    elif place == PLACES[4]:
        y = SIDE - far
    return dataclasses.replace(shape, x=x, y=y)


def put_pair(rng, first, second, relation):
    """Both shapes, the first left of or above the second, with clear ground between them."""
    wide = 2 * REACH * (first.r + second.r)
    free = SIDE - 1 - wide
    gap = rng.uniform(1.5, max(1.5, 0.75 * free))
    start = 0.5 + rng.uniform(0, max(0.0, free - gap))
    one = start + REACH * first.r
    two = one + REACH * (first.r + second.r) + gap
    across = [_inside(rng, SIDE / 2, 5.5, s.r) for s in (first, second)]
    if relation == "left of":
        return (dataclasses.replace(first, x=one, y=across[0]), dataclasses.replace(second, x=two, y=across[1]))
    return (dataclasses.replace(first, x=across[0], y=one), dataclasses.replace(second, x=across[1], y=two))


def in_order(shapes):
    """Left or upper shape first."""
    if len(shapes) == 2:
        a, b = shapes
        swap = a.x > b.x if abs(a.x - b.x) >= abs(a.y - b.y) else a.y > b.y
        return (b, a) if swap else (a, b)
    return tuple(shapes)


def is_clear(shapes):
    """Whether all lie inside the picture and apart."""
    for s in shapes:
        if min(s.x, s.y, SIDE - s.x, SIDE - s.y) < REACH * s.r + 0.4:
            return False
    if len(shapes) == 2:
        a, b = shapes
        across, along = sorted((abs(a.x - b.x), abs(a.y - b.y)))
        return along >= REACH * (a.r + b.r) + 1 and along > across + 3
    return True


def make(rng, count=None, held=False, line=False):
    """A scene, `count` shapes if given; of pairs that are held apart if `held`, else never of those."""
    count = count or (1 if rng.random() < 0.35 else 2)
    while True:
        kinds = rng.sample(KINDS, count)
        shapes = tuple(painted(rng, k, rng.choice(COLOURS), rng.choice(SIZES)) for k in kinds)
        if count == 1:
            if held:
                raise ValueError("a single shape is never held apart")
            shapes = (put_single(rng, shapes[0], rng.choice(PLACES)),)
        else:
            shapes = put_pair(rng, *shapes, rng.choice(("left of", "above")))
        ground = rng.choice(BACKGROUNDS)
        scene = Scene(shapes, ground, shade(rng, ground), rng.uniform(0.8, 1.4),
                      rng.uniform(0.7, 1.3) if line and rng.random() < 0.2 else 0.0)
        if count == 1 or is_held_apart(scene) == held:
            return scene


# ---------------------------------------------------------------- words
def _vary(rng, text):
    """Now and then another common way to say the same."""
    if rng.random() > 0.12:
        return text
    swaps = [(" gray", " grey"), ("big ", "large "), ("small ", "little "), ("in the centre", "in the center"),
             (" left of", " to the left of"), (" right of", " to the right of"), (" below", " under"),
             (" above", " over")]
    old, new = rng.choice(swaps)
    if old == " gray" or rng.random() < 0.7:
        return text.replace(old, new)
    for ground in BACKGROUNDS:
        if text.endswith(f" on {ground}"):
            return text[:-len(ground)] + f"a {ground} background"
    return text


def noun(shape, size):
    """"a big red circle", or without its size."""
    name = f"{shape.size} {shape.name()}" if size else shape.name()
    return ("an " if name[0] == "o" else "a ") + name


def prompt(rng, scene, full=False, drawn=False):
    """What one would type for this scene, and what it names: (text, set of "size0", "place", ...).

    full: everything is named, in the one form that describes a picture. drawn: a picture is learnt from it, so that two
    shapes without a relation stand in one way, the first named on the left; any would do, but one has to be chosen.
    """
    sure = (lambda p: True) if full else (lambda p: rng.random() < p)
    named = set()
    if sure(0.85):
        named.add("background")
    if len(scene.shapes) == 1:
        if sure(0.7):
            named.add("size0")
        text = noun(scene.shapes[0], "size0" in named)
        if sure(0.8):
            named.add("place")
            text += " " + scene.place()
    else:
        if sure(0.75):
            named |= {"size0", "size1"}
        elif rng.random() < 0.5:
            named.add(rng.choice(("size0", "size1")))
        a, b = (noun(s, f"size{i}" in named) for i, s in enumerate(scene.shapes))
        relation = scene.relation()
        if sure(0.84 if drawn else 0.92) or (drawn and relation != "left of"):
            named.add("relation")
            if not full and rng.random() < 0.5:
                a, b, relation = b, a, OPPOSITE[relation]
            text = f"{a} {relation} {b}"
        else:
            text = f"{a} and {b}" if drawn or rng.random() < 0.5 else f"{b} and {a}"
    if "background" in named:
        text += f" on {scene.background}"
    return (text if full else _vary(rng, text)), named


def question(rng, scene, kind=None):
    """(kind, question, answer, reasoning) about the scene; kind None: any that can be asked."""
    shapes = scene.shapes
    s = rng.choice(shapes)
    ways = {
        "colour": (f"what colour is the {s.kind}?", s.colour, f"the {s.kind} is {s.colour}"),
        "shape": (f"what shape is {s.colour}?", s.kind, f"the {s.colour} shape is a {s.kind}"),
        "count": ("how many shapes are there?", ("one", "two")[len(shapes) - 1],
                  "there is " + " and ".join(noun(t, False) for t in shapes)),
        "background": ("what is the background?", scene.background, f"the background is {scene.background}"),
        "describe": ("describe the picture", prompt(rng, scene, full=True)[0],
                     "there is one shape" if len(shapes) == 1 else "there are two shapes"),
    }
    if len(shapes) == 1:
        ways["where"] = (f"where is the {s.kind}?", scene.place(), f"the {s.kind} is {scene.place()}")
    else:
        if shapes[0].colour == shapes[1].colour:
            del ways["shape"]
        other = shapes[1] if s is shapes[0] else shapes[0]
        true = scene.relation() if s is shapes[0] else OPPOSITE[scene.relation()]
        asked = true if rng.random() < 0.5 else rng.choice([r for r in RELATIONS if r != true])
        ways["relation"] = (f"is the {s.kind} {asked} the {other.kind}?", "yes" if asked == true else "no",
                            f"the {s.kind} is {true} the {other.kind}")
    if kind is None:
        names = sorted(ways)
        kind = rng.choices(names, [WEIGHTS[n] for n in names])[0]
    return (kind,) + ways[kind]


WEIGHTS = {"colour": 2, "shape": 2, "count": 0.6, "background": 0.6, "describe": 3, "where": 2, "relation": 2}
QUESTIONS = tuple(WEIGHTS)
EDITS = ("colour", "remove", "size", "move", "put", "background", "replace")


def edit(rng, kind, held=False, change=None):
    """(before, instruction, after) of one kind of edit. change: what the change is painted with, if not with rng."""
    while True:
        before, text, after = _EDIT[kind](rng, held, change or rng)
        after = dataclasses.replace(after, shapes=in_order(after.shapes))
        if not is_clear(after.shapes) or (is_held_apart(after) and not held):
            continue
        return before, text, after


def _pick(rng, held, count=None):
    if held:
        count = 2
    scene = make(rng, count, held=held)
    return scene, rng.randrange(len(scene.shapes))


def _with(scene, i, **changes):
    shapes = list(scene.shapes)
    shapes[i] = dataclasses.replace(shapes[i], **changes)
    return dataclasses.replace(scene, shapes=tuple(shapes))


def _edit_colour(rng, held, change):
    scene, i = _pick(rng, held)
    new = rng.choice([c for c in COLOURS if c != scene.shapes[i].colour])
    text = f"make the {scene.shapes[i].kind} {new}"
    return scene, text, _with(scene, i, colour=new, rgb=shade(change, new))


def _edit_remove(rng, held, change):
    scene, i = _pick(rng, held, 2)
    text = f"remove the {scene.shapes[i].kind}"
    return scene, text, dataclasses.replace(scene, shapes=(scene.shapes[1 - i],))


def _edit_size(rng, held, change):
    scene, i = _pick(rng, held)
    s = scene.shapes[i]
    new = SIZES[1 - SIZES.index(s.size)]
    r = change.uniform(*RADIUS[new])
    low, high = REACH * r + 0.5, SIDE - REACH * r - 0.5
    after = _with(scene, i, size=new, r=r, x=min(high, max(low, s.x)), y=min(high, max(low, s.y)))
    return scene, f"make the {s.kind} {new}", after


def _edit_move(rng, held, change):
    scene, i = _pick(rng, False, 1)
    s = scene.shapes[i]
    to = rng.choice([p for p in PLACES if p != scene.place()])
    after = dataclasses.replace(scene, shapes=(put_single(change, s, to),))
    return scene, f"move the {s.kind} {MOVES[to]}", after


def _edit_put(rng, held, change):
    scene, i = _pick(rng, held, 2)
    s, other = scene.shapes[i], scene.shapes[1 - i]
    true = scene.relation() if i == 0 else OPPOSITE[scene.relation()]
    to = rng.choice([r for r in RELATIONS if r != true])
    first, second = (s, other) if to in ("left of", "above") else (other, s)
    both = put_pair(change, first, second, "left of" if to in ("left of", "right of") else "above")
    return scene, f"put the {s.kind} {to} the {other.kind}", dataclasses.replace(scene, shapes=both)


def _edit_background(rng, held, change):
    scene, _ = _pick(rng, held)
    new = rng.choice([b for b in BACKGROUNDS if b != scene.background])
    after = dataclasses.replace(scene, background=new, rgb=shade(change, new))
    return scene, f"make the background {new}", after


def _edit_replace(rng, held, change):
    scene, i = _pick(rng, held)
    there = [s.kind for s in scene.shapes]
    new = rng.choice([k for k in KINDS if k not in there])
    return scene, f"replace the {there[i]} with a {new}", _with(scene, i, kind=new)


_EDIT = {"colour": _edit_colour, "remove": _edit_remove, "size": _edit_size, "move": _edit_move,
         "put": _edit_put, "background": _edit_background, "replace": _edit_replace}

# ---------------------------------------------------------------- thinking
ROUND = {"circle": ("round", "round like a ball", "round like a wheel"),
         "square": ("with four corners", "with four equal sides", "shaped like a box"),
         "triangle": ("with three corners", "with three sides", "shaped like a roof"),
         "star": ("with five points", "shaped like a star", "with five rays"),
         "cross": ("with four arms", "shaped like a plus", "with two crossed bars")}
LIKE = {"red": "blood", "green": "grass", "blue": "the sea", "yellow": "the sun", "orange": "a carrot",
        "purple": "a plum", "pink": "a flamingo", "cyan": "ice"}
LOOSE_SIZE = {"small": "tiny", "big": "huge"}
LOOSE_GROUND = {"white": "in the snow", "gray": "in the fog", "black": "at night"}
LOOSE_RELATION = {"left of": "next to", "right of": "next to", "above": "on top of", "below": "underneath"}


def _loose(rng, s, size):
    form = rng.choice(ROUND[s.kind])
    thing = "something " + (LOOSE_SIZE[s.size] + " " if size else "")
    way = rng.randrange(4)
    if way == 0 and s.kind == "circle":
        return f"{thing}{form} and {s.colour}"
    if way <= 1:
        return f"{thing}{s.colour} " + (f"and {form}" if s.kind == "circle" else form)
    if way == 2:
        return (thing if size else "") + f"the colour of {LIKE[s.colour]}, {form}"
    return f"{thing}{form}, the colour of {LIKE[s.colour]}"


def loose(rng, scene):
    """(request, plan, named): the scene asked for in loose words, and a short plan in a prompt's form."""
    named, sizes = set(), []
    for i in range(len(scene.shapes)):
        sizes.append(rng.random() < 0.3)
        if sizes[i]:
            named.add(f"size{i}")
    asked = [_loose(rng, s, z) for s, z in zip(scene.shapes, sizes)]
    plan = [noun(s, z) for s, z in zip(scene.shapes, sizes)]
    if len(scene.shapes) == 2:
        relation = scene.relation()
        if rng.random() < 0.5:
            asked, plan, relation = asked[::-1], plan[::-1], OPPOSITE[relation]
        named.add("relation" if relation in ("above", "below") else "beside")
        asked, plan = f" {LOOSE_RELATION[relation]} ".join(asked), f" {relation} ".join(plan)
    else:
        asked, plan = asked[0], plan[0]
        if rng.random() < 0.3:
            named.add("place")
            asked, plan = f"{asked}, {scene.place()}", f"{plan} {scene.place()}"
    if rng.random() < 0.35:
        named.add("background")
        asked, plan = f"{asked} {LOOSE_GROUND[scene.background]}", f"{plan} on {scene.background}"
    return asked, plan, named


def thought(plan):
    """How a thought is written, as the system texts ask for."""
    return f"<think> {plan} </think>"
