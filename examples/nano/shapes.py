"""Outlines of the five kinds as polygons in a unit circle's scale, y downwards; Python only.

The second renderer and the judge use these; training pictures come from the distances in paint.py.
"""
import math


def circle():
    return [(math.cos(a), math.sin(a)) for a in (2 * math.pi * i / 48 for i in range(48))]


def square(side=0.88):
    return [(-side, -side), (side, -side), (side, side), (-side, side)]


def triangle(reach=1.2):
    return [(reach * math.cos(a), reach * math.sin(a) + 0.2) for a in
            (2 * math.pi * i / 3 - math.pi / 2 for i in range(3))]


def star(inner=0.48, outer=1.14):
    out = []
    for i in range(10):
        a, r = math.pi * i / 5 - math.pi / 2, outer * (inner if i % 2 else 1)
        out.append((r * math.cos(a), r * math.sin(a)))
    return out


def cross(arm=0.32, reach=1.02):
    a, b = arm, reach
    return [(-a, -b), (a, -b), (a, -a), (b, -a), (b, a), (a, a), (a, b), (-a, b), (-a, a), (-b, a), (-b, -a), (-a, -a)]


OUTLINES = {"circle": circle, "square": square, "triangle": triangle, "star": star, "cross": cross}


def turned(points, angle):
    c, s = math.cos(angle), math.sin(angle)
    return [(c * x - s * y, s * x + c * y) for x, y in points]


def area(points):
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1]))) / 2


def crossings(points, y):
    """Where a horizontal line enters and leaves the polygon, in order."""
    out = []
    for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1]):
        if (ay <= y) != (by <= y):
            out.append(ax + (y - ay) * (bx - ax) / (by - ay))
    return sorted(out)
