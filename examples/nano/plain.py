"""A second renderer, as far from paint.py as may be: polygons, filled by scan lines, pure colours. Python only."""
import png
import shapes
import world

FINE = 4  # lines a pixel


def _cover(points, side):
    """Share of each pixel inside the polygon, {(x, y): share}."""
    out = {}
    low, high = min(y for _, y in points), max(y for _, y in points)
    for line in range(max(0, int(low * FINE)), min(side * FINE, int(high * FINE) + 1)):
        xs = shapes.crossings(points, (line + 0.5) / FINE)
        for start, end in zip(xs[::2], xs[1::2]):
            start, end = max(0.0, start), min(float(side), end)
            for x in range(int(start), min(side - 1, int(end)) + 1):
                part = min(end, x + 1) - max(start, x)
                if part > 0:
                    at = (x, line // FINE)
                    out[at] = out.get(at, 0) + part / FINE
    return out


def paint(scene, pure=True):
    """A Picture of the scene; in the pure colours of their names, or in the scene's own."""
    side = world.SIDE
    ground = world.SHADES[scene.background][1] if pure else scene.rgb
    pixels = [list(ground) for _ in range(side * side)]
    for s in scene.shapes:
        points = [(s.x + s.r * x, s.y + s.r * y) for x, y in
                  shapes.turned(shapes.OUTLINES[s.kind](), 0 if pure else s.turn)]
        rgb = world.SHADES[s.colour][1] if pure else s.rgb
        for (x, y), share in _cover(points, side).items():
            p = pixels[y * side + x]
            for c in range(3):
                p[c] += min(1.0, share) * (rgb[c] - p[c])
    return png.Picture(side, side, bytes(min(255, max(0, int(v + 0.5))) for p in pixels for v in p))
