"""Odd pictures: `files()` gives (name, bytes) of small PNG, JPEG and WebP files, each of which departs from
a sound one in the one thing that its name says. Nothing but Python is needed.
"""
from odd_jpeg import jpeg_restarts, jpeg_structure, jpeg_turned
from odd_png import animated, png_chunks, png_palettes, png_pixels, png_turned
from odd_webp import webp_alpha, webp_animations, webp_chunks, webp_files, webp_turned


def files():
    for room, all_ in (("png", png_chunks), ("pixels", png_pixels), ("png", png_palettes), ("apng", animated), ("turned-png", png_turned),
                       ("restarts", jpeg_restarts), ("jpeg", jpeg_structure), ("turned-jpeg", jpeg_turned),
                       ("webp", webp_files), ("webp", webp_chunks), ("webp/alpha", webp_alpha), ("webp/moving", webp_animations),
                       ("turned-webp", webp_turned)):
        for name, data in all_():
            ending = "webp" if "webp" in room else "jpg" if data[:2] == b"\xff\xd8" or "jpeg" in room else "png"
            yield f"{room}/{name}.{ending}", data
