"""What a picture shows, found by its pixels alone: the judge of everything nano draws. Python only.

Ground by the border; shapes are connected pixels that differ from it; their colour by hue, their kind by the
best overlap with outlines of equal area, their size by that area, their place by their middle.
"""
import colorsys
import dataclasses
import statistics

import shapes
import world

_GRID, _SPAN = 64, 1.4  # templates: _GRID cells over -_SPAN .. _SPAN


@dataclasses.dataclass(frozen=True)
class Thing:
    kind: str
    colour: str
    size: str
    x: float
    y: float
    r: float
    likeness: float  # overlap with the outline of its kind, 0..1


@dataclasses.dataclass(frozen=True)
class Sight:
    background: str
    things: tuple  # left or upper one first

    def relation(self):
        a, b = self.things
        return "left of" if abs(b.x - a.x) >= abs(b.y - a.y) else "above"


def colour_name(rgb):
    """One of the world's colours, or of its backgrounds for what has no hue."""
    hue, full, light = colorsys.rgb_to_hsv(*(v / 255 for v in rgb))
    hue *= 360
    if full < 0.16 or light < 0.18:
        return "black" if light < 0.3 else "white" if light > 0.78 else "gray"
    if (hue >= 300 or hue < 15) and full < 0.56 and light > 0.7:
        return "pink"
    for limit, name in ((15, "red"), (45, "orange"), (74, "yellow"), (163, "green"), (206, "cyan"), (258, "blue"),
                        (322, "purple"), (345, "pink"), (361, "red")):
        if hue < limit:
            return name
    raise ValueError(hue)


def _templates():
    """(kind, rows of cells, area, offset of its centroid) for every outline that counts as that kind."""
    forms = [("circle", shapes.circle(), (0,)), ("square", shapes.square(), (-0.2, -0.1, 0, 0.1, 0.2)),
             ("triangle", shapes.triangle(), (-0.2, -0.1, 0, 0.1, 0.2))]
    forms += [("star", shapes.star(i), (-0.2, -0.1, 0, 0.1, 0.2)) for i in (0.38, 0.46, 0.54)]
    forms += [("cross", shapes.cross(a), (-0.2, -0.1, 0, 0.1, 0.2)) for a in (0.26, 0.32, 0.38)]
    out = []
    for kind, outline, turns in forms:
        for turn in turns:
            points = shapes.turned(outline, turn)
            rows = []
            for j in range(_GRID):
                row = bytearray(_GRID)
                xs = shapes.crossings(points, ((j + 0.5) / _GRID * 2 - 1) * _SPAN)
                for start, end in zip(xs[::2], xs[1::2]):
                    first, last = ((v / _SPAN + 1) / 2 * _GRID for v in (start, end))
                    for i in range(max(0, round(first)), min(_GRID, round(last))):
                        row[i] = 1
                rows.append(bytes(row))
            cells = [(i, j) for j, row in enumerate(rows) for i, v in enumerate(row) if v]
            middle = [((sum(c[k] for c in cells) / len(cells) + 0.5) / _GRID * 2 - 1) * _SPAN for k in (0, 1)]
            out.append((kind, rows, shapes.area(points), middle))
    return out


_KNOWN = []


def _likeness(cover, total, cx, cy, template):
    """(overlap over union, radius) of soft pixels with a template of the same area and centroid."""
    _, rows, area, middle = template
    r = (total / area) ** 0.5
    scale = _GRID / (2 * _SPAN * r)
    both = inside = 0.0
    for (x, y), share in cover.items():
        i = int((x + 0.5 - cx + r * middle[0]) * scale + _GRID / 2)
        j = int((y + 0.5 - cy + r * middle[1]) * scale + _GRID / 2)
        if 0 <= i < _GRID and 0 <= j < _GRID and rows[j][i]:
            both += share
            inside += 1
    return both / (total + inside - both), r


def _regions(apart, width, height):
    """Connected sets of pixels that differ from the ground."""
    left = {(x, y) for y in range(height) for x in range(width) if apart[y * width + x]}
    while left:
        todo, region = [left.pop()], []
        while todo:
            x, y = todo.pop()
            region.append((x, y))
            for at in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
                if at in left:
                    left.remove(at)
                    todo.append(at)
        yield region


def _thing(picture, region, ground):
    """What one region is, or None for a speck."""
    inside = set(region)
    for _ in range(2):  # the colour is that of the inner pixels, not of an edge or an outline
        inner = {(x, y) for x, y in inside if {(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)} <= inside}
        inside = inner if len(inner) >= 9 else inside
    core = [picture.pixel(*at) for at in inside]
    rgb = [statistics.median(p[c] for p in core) for c in range(3)]
    reach = sum((a - b) ** 2 for a, b in zip(rgb, ground)) or 1
    cover = {}
    for x, y in region:
        for at in ((x, y), (x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
            if at not in cover and 0 <= at[0] < picture.width and 0 <= at[1] < picture.height:
                p = picture.pixel(*at)
                share = sum((v - g) * (c - g) for v, g, c in zip(p, ground, rgb)) / reach
                cover[at] = min(1.0, max(0.0, share))
    total = sum(cover.values())
    if total < 30 * (picture.width / world.SIDE) ** 2:
        return None
    cx = sum((x + 0.5) * v for (x, _), v in cover.items()) / total
    cy = sum((y + 0.5) * v for (_, y), v in cover.items()) / total
    if not _KNOWN:
        _KNOWN.extend(_templates())
    likeness, r, kind = max((*_likeness(cover, total, cx, cy, t), t[0]) for t in _KNOWN)
    xs, ys = ([at[k] for at, v in cover.items() if v > 0.5] for k in (0, 1))
    unit = picture.width / world.SIDE
    size = world.SIZES[r > unit * (world.RADIUS["small"][1] + world.RADIUS["big"][0]) / 2]
    return Thing(kind, colour_name(rgb), size, (min(xs) + max(xs) + 1) / 2 / unit, (min(ys) + max(ys) + 1) / 2 / unit,
                 r / unit, likeness)


def see(picture):
    """The Sight of a Picture."""
    w, h = picture.width, picture.height
    edge = [picture.pixel(x, y) for y in range(h) for x in range(w) if min(x, y, w - 1 - x, h - 1 - y) < 2]
    ground = [statistics.median(p[c] for p in edge) for c in range(3)]
    rgb = picture.rgb
    apart = [sum((rgb[3 * i + c] - ground[c]) ** 2 for c in range(3)) > 40 ** 2 for i in range(w * h)]
    things = [t for t in (_thing(picture, r, ground) for r in _regions(apart, w, h) if len(r) > 12) if t]
    return Sight(colour_name(ground), world.in_order(tuple(things)))
