"""Scenes to pictures, many at a time, by signed distances (numpy). train.py learns from these."""
import math

import numpy as np

import world

_Y, _X = np.mgrid[0:world.SIDE, 0:world.SIDE].astype(np.float32) + 0.5


def _box(x, y, w, h):
    dx, dy = np.abs(x) - w, np.abs(y) - h
    return np.hypot(np.maximum(dx, 0), np.maximum(dy, 0)) + np.minimum(np.maximum(dx, dy), 0)


def _circle(x, y, r, waist):
    return np.hypot(x, y) - r


def _square(x, y, r, waist):
    return _box(x, y, 0.88 * r, 0.88 * r)


def _triangle(x, y, r, waist):
    y = y - 0.2 * r
    side = math.sqrt(3) / 2
    return np.maximum(np.maximum(y - 0.62 * r, -side * x - y / 2 - 0.6 * r), side * x - y / 2 - 0.6 * r)


def _star(x, y, r, waist):
    outer, inner = 1.14 * r, (0.42 + 0.12 * waist) * 1.14 * r
    fold = math.pi / 5
    angle = np.arctan2(x, -y)
    angle = np.abs(np.mod(angle + fold, 2 * fold) - fold)
    rho = np.hypot(x, y)
    px, py = rho * np.sin(angle), rho * np.cos(angle)
    qx, qy = inner * math.sin(fold), inner * math.cos(fold)  # the notch; the tip lies at (0, outer)
    ex, ey = qx, qy - outer
    length = np.sqrt(ex * ex + ey * ey)
    return (ex * (py - outer) - ey * px) / length


def _cross(x, y, r, waist):
    arm = (0.27 + 0.1 * waist) * r
    return np.minimum(_box(x, y, 1.02 * r, arm), _box(x, y, arm, 1.02 * r))


_DISTANCE = {"circle": _circle, "square": _square, "triangle": _triangle, "star": _star, "cross": _cross}


def paint(scenes):
    """uint8 [scenes, SIDE, SIDE, 3]."""
    out = np.empty((len(scenes), world.SIDE, world.SIDE, 3), np.float32)
    out[:] = np.array([s.rgb for s in scenes], np.float32)[:, None, None]
    for kind, distance in _DISTANCE.items():
        of = [(i, s, scene) for i, scene in enumerate(scenes) for s in scene.shapes if s.kind == kind]
        if not of:
            continue

        def column(values):
            return np.array(values, np.float32)[:, None, None]

        turn = column([s.turn for _, s, _ in of])
        x = _X[None] - column([s.x for _, s, _ in of])
        y = _Y[None] - column([s.y for _, s, _ in of])
        cos, sin = np.cos(turn), np.sin(turn)
        d = distance(cos * x + sin * y, cos * y - sin * x, column([s.r for _, s, _ in of]),
                     column([s.waist for _, s, _ in of]))
        soft, line = column([c.soft for _, _, c in of]), column([c.line for _, _, c in of])
        cover = np.clip(0.5 - d / soft, 0, 1)[..., None]
        inner = np.where(line > 0, np.clip(0.5 - (d + line) / soft, 0, 1), 1)[..., None]
        rgb = np.array([s.rgb for _, s, _ in of], np.float32)[:, None, None]
        rgb = rgb * (0.45 + 0.55 * inner)
        rows = np.array([i for i, _, _ in of])
        out[rows] += cover * (rgb - out[rows])
    return (out + 0.5).astype(np.uint8)
