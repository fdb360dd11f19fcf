"""The questions nano is examined with, and what counts as right. Python only.

Attributes are judged one by one; "all" is right if every one is. Prompts come from a seed of their own, and
`apart` asks for pairs of shapes that were held apart in training.
"""
import random

import look
import world

NEAR = 6.0  # pixels that a shape which is to stay may move


def prompts(seed, n, apart=False):
    """[(prompt, scene, named)]"""
    rng = random.Random(f"draw {seed} {apart}")
    out = []
    for _ in range(n):
        scene = world.make(rng, 2 if apart else None, held=apart)
        text, named = world.prompt(rng, scene)
        out.append((text, scene, named))
    return out


def edits(seed, n, apart=False):
    """[(kind, before, instruction, after)], the kinds in turn."""
    rng = random.Random(f"edit {seed} {apart}")
    kinds = [k for k in world.EDITS if k != "move"] if apart else world.EDITS
    return [(kinds[i % len(kinds)], *world.edit(rng, kinds[i % len(kinds)], held=apart)) for i in range(n)]


def questions(seed, n, apart=False):
    """[(kind, scene, question, answer)], the kinds in turn."""
    rng = random.Random(f"ask {seed} {apart}")
    out = []
    while len(out) < n:
        kind = world.QUESTIONS[len(out) % len(world.QUESTIONS)]
        count = {"where": 1, "relation": 2}.get(kind)
        if apart:
            count = 2
            if kind == "where":
                kind = "relation"
        scene = world.make(rng, count, held=apart)
        if kind == "shape" and len({s.colour for s in scene.shapes}) < len(scene.shapes):
            continue
        out.append((kind, scene, *world.question(rng, scene, kind)[1:3]))
    return out


def wishes(seed, n):
    """[(loose request, plan, scene, named)]"""
    rng = random.Random(f"think {seed}")
    out = []
    for _ in range(n):
        scene = world.make(rng)
        text, plan, named = world.loose(rng, scene)
        out.append((text, plan, scene, named))
    return out


def _where(scene, sight):
    if len(scene.shapes) == 1:
        t = sight.things[0]
        return scene.place() == world.place_of(t.x, t.y)
    return scene.relation() == sight.relation()


def drawn(scene, named, sight):
    """{attribute: right} of a drawing; what was not named may be anything."""
    found = {t.kind: t for t in sight.things}
    kinds = sorted(s.kind for s in scene.shapes)
    out = {"count": len(sight.things) == len(scene.shapes), "shapes": sorted(t.kind for t in sight.things) == kinds,
           "colours": all(s.kind in found and found[s.kind].colour == s.colour for s in scene.shapes)}
    sized = [s for i, s in enumerate(scene.shapes) if f"size{i}" in named]
    if sized:
        out["size"] = all(s.kind in found and found[s.kind].size == s.size for s in sized)
    if named & {"relation", "place", "beside"}:
        ordered = [t.kind for t in sight.things] == [s.kind for s in scene.shapes]
        same = out["shapes"] and _where(scene, sight)
        out["where"] = same and (ordered or "beside" in named)
    if "background" in named:
        out["background"] = sight.background == scene.background
    out["all"] = all(out.values())
    return out


def edited(kind, before, after, sight):
    """{"done", "kept", "all": right} of an edit: what was asked for is there, and all else is as it was."""
    found = {t.kind: t for t in sight.things}
    kinds = sorted(s.kind for s in after.shapes)
    if sorted(t.kind for t in sight.things) != kinds:
        gone = kind == "remove" and len(sight.things) == 1
        return {"done": gone, "kept": False, "all": False}
    old = {s.kind: s for s in before.shapes}
    done, kept = True, True
    if kind == "background":
        done = sight.background == after.background
    else:
        kept = sight.background == after.background
    for s in after.shapes:
        t, was = found[s.kind], old.get(s.kind)
        touched = was != s
        for attribute in ("colour", "size"):
            right = getattr(t, attribute) == getattr(s, attribute)
            asked = touched and kind == attribute
            done, kept = done and (right or not asked), kept and (right or asked)
        if kind not in ("move", "put"):
            kept = kept and max(abs(t.x - s.x), abs(t.y - s.y)) <= NEAR
    if kind in ("move", "put"):
        done = _where(after, sight) and [t.kind for t in sight.things] == [s.kind for s in after.shapes]
    return {"done": done, "kept": kept, "all": done and kept}


def same(a, b):
    """Whether two sights agree in everything a description names."""
    def told(s):
        where = s.relation() if len(s.things) == 2 else [world.place_of(t.x, t.y) for t in s.things]
        return s.background, where, [(t.kind, t.colour, t.size) for t in s.things]
    return told(a) == told(b)


def as_sight(scene):
    """What a perfect look at a scene gives."""
    return look.Sight(scene.background, tuple(look.Thing(s.kind, s.colour, s.size, s.x, s.y, s.r, 1.0)
                                              for s in scene.shapes))


def shares(rows):
    """{attribute: (share right, how many)} over dictionaries of right and wrong."""
    out = {}
    for row in rows:
        for k, v in row.items():
            a, n = out.get(k, (0, 0))
            out[k] = (a + bool(v), n + 1)
    return {k: (a / n, n) for k, (a, n) in out.items()}
