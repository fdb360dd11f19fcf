"""Print tests/golden/images.h and write tests/golden/pictures: sizes, resized pictures and small PNG,
JPEG and WebP files as the official code and Pillow see them.

    BAGEL_SRC=<clone of the official code> python make_image.py >images.h

Needs what the official code needs, and Pillow 13: earlier ones make the two passes of a resize in
another order where a picture loses more height than width. Pictures are noise that the tests make
again themselves (`noise`); expected ones are kept as 64-bit FNV-1a sums of their bytes.
"""
import io
import os
import struct
import sys
import types
import zlib

import numpy as np
import PIL
from PIL import Image, ImageOps

sys.dont_write_bytecode = True
sys.path.insert(0, os.environ["BAGEL_SRC"])
from data import transforms  # noqa: E402
from data.data_utils import pil_img2rgb  # noqa: E402

SIZES = ((1, 1), (16, 16), (512, 512), (980, 980), (1024, 1024), (1, 5000), (5000, 1), (1920, 1080),
         (4032, 3024), (3024, 4032), (203, 150), (97, 131), (300, 140), (520, 520), (1032, 1032),
         (504, 1000), (640, 480), (1000, 667), (2048, 700), (333, 2900), (61, 70), (1600, 1601))
RULES = ((1024, 512, 16, 14 * 14 * 9 * 1024), (980, 224, 14, 14 * 14 * 9 * 1024),
         (980, 378, 14, 2007040), (64, 32, 16, 3000))
# width, height, new width, new height, channels
RESIZES = ((1, 1, 16, 16, 3), (1, 4000, 16, 1024, 1), (4000, 1, 1024, 16, 3), (7, 5, 7, 9, 3),
           (7, 5, 11, 5, 3), (6, 4, 6, 4, 3), (40, 30, 13, 11, 3), (13, 11, 40, 30, 3),
           (97, 131, 512, 688, 3), (512, 688, 518, 686, 3), (60, 200, 59, 90, 3),
           (60, 200, 90, 59, 1), (300, 140, 3, 2, 3), (33, 500, 14, 28, 1), (201, 2, 200, 40, 3))
PICTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pictures")
MODES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # PNG's colour types and their samples


def noise(shape, seed):
    """Upper bytes of a 32-bit congruential generator."""
    out = np.empty(int(np.prod(shape)), np.uint8)
    for i in range(out.size):
        seed = (seed * 1664525 + 1013904223) & 0xFFFFFFFF
        out[i] = seed >> 24
    return out.reshape(shape)


def fnv(array):
    h = 0xCBF29CE484222325
    for b in np.ascontiguousarray(array).tobytes():
        h = ((h ^ b) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"0x{h:016x}"


def exif(orientation, order):
    mark = b"II*\0" if order == "<" else b"MM\0*"
    return mark + struct.pack(order + "IHHHIHHI", 8, 1, 0x112, 3, 1, orientation, 0, 0)


# ---------------------------------------------------------------- files
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pack(rows, depth):
    """Rows of samples to unfiltered scanlines."""
    out = b""
    for r in rows.reshape(rows.shape[0], -1):
        if depth == 16:
            line = r.astype(">u2").tobytes()
        else:
            bits = (r[:, None] >> np.arange(depth - 1, -1, -1)) & 1
            line = np.packbits(bits.astype(np.uint8)).tobytes()
        out += b"\0" + line
    return out


def png(samples, kind, depth, interlaced=False, before=b""):
    h, w = samples.shape[:2]
    if interlaced:
        raw = b""
        for x, y, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4),
                             (1, 0, 2, 2), (0, 1, 1, 2)):
            part = samples[y::dy, x::dx]
            raw += pack(part, depth) if part.size else b""
    else:
        raw = pack(samples, depth)
    ihdr = struct.pack(">IIBBBBB", w, h, depth, kind, 0, 0, int(interlaced))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", ihdr) + before
            + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b""))


def png_files():
    for kind, depth in ((0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2),
                        (3, 4), (3, 8), (4, 8), (4, 16), (6, 8), (6, 16)):
        for clear in (False, True):
            if clear and kind in (4, 6):
                continue
            seed = kind * 100 + depth * 2 + clear
            size = 9 + depth % 5, 13 - kind
            pair = noise((*size, MODES[kind], 2), seed).astype(int)
            samples = (pair[..., 0] << 8 | pair[..., 1]) >> (16 - depth)
            before = b""
            if kind == 3:
                count = min(1 << depth, 200)  # fewer than the places: black beyond
                before = chunk(b"PLTE", noise((count * 3,), seed + 1).tobytes())
            if clear and kind == 3:
                before += chunk(b"tRNS", noise((count,), seed + 2).tobytes()[:count - 1] or b"\x50")
            elif clear:
                before += chunk(b"tRNS", b"".join(struct.pack(">H", int(v)) for v in samples[0, 0]))
            interlaced = (kind + depth + clear) % 2 == 0
            name = f"type-{kind}-{depth}-bits" + "-clear" * clear + "-interlaced" * interlaced
            yield name + ".png", png(samples, kind, depth, interlaced, before), samples, kind, depth, clear


def expected(data, samples, kind, depth, clear):
    """What the official code sees; our own rule where 16-bit samples part from Pillow."""
    if depth == 16 and (kind == 0 or clear):
        rgb = np.broadcast_to(samples >> 8, (*samples.shape[:2], 3)).astype(np.uint8).copy()
        if clear:
            rgb[(samples == samples[0, 0]).all(-1)] = 255
        return rgb
    return np.array(pil_img2rgb(Image.open(io.BytesIO(data))))


def jpeg_files():
    smooth = Image.fromarray(noise((4, 5, 4), 77), "RGBA").resize((37, 26), Image.BICUBIC)
    rgb, cmyk = smooth.convert("RGB"), Image.frombytes("CMYK", smooth.size, smooth.tobytes())
    for name, im, more in (("444", rgb, dict(subsampling=0)), ("422", rgb, dict(subsampling=1)),
                           ("420", rgb, dict(subsampling=2)),
                           ("progressive", rgb, dict(progressive=True)),
                           ("restarts", rgb, dict(restart_marker_blocks=2)),
                           ("grey", rgb.convert("L"), {}), ("CMYK", cmyk, {})):
        f = io.BytesIO()
        im.save(f, "JPEG", quality=70, optimize=True, **more)
        yield name + ".jpg", f.getvalue()


def webp_files():
    smooth = Image.fromarray(noise((4, 5, 4), 78), "RGBA").resize((37, 26), Image.BICUBIC)
    rgb, other = smooth.convert("RGB"), smooth.rotate(180)
    for name, im, more in (("lossy", rgb, dict(quality=70)), ("lossless", rgb, dict(lossless=True)),
                           ("lossy-clear", smooth, dict(quality=70)), ("lossless-clear", smooth, dict(lossless=True)),
                           ("animation", smooth, dict(lossless=True, save_all=True, append_images=[other]))):
        f = io.BytesIO()
        im.save(f, "WEBP", **more)
        yield name + ".webp", f.getvalue()


def turned_files():
    samples = noise((3, 5, 3), 9)
    for o in range(1, 9):
        order = "<>"[o % 2]
        if o % 2:
            f = io.BytesIO()
            im = Image.fromarray(samples)
            im.save(f, "JPEG", quality=90, exif=b"Exif\0\0" + exif(o, order), optimize=True)
            yield f"turned-{o}.jpg", f.getvalue()
        else:
            yield f"turned-{o}.png", png(samples.astype(int), 2, 8, before=chunk(b"eXIf", exif(o, order)))


# ---------------------------------------------------------------- the header
def put_sizes():
    print(f"\n#define GOLDEN_RULES {len(RULES)}\n#define GOLDEN_SIZES {len(SIZES)}")
    print("\n/* longest, shortest, stride, cap */")
    print("static const uint32_t golden_rule[GOLDEN_RULES][4] = {")
    for r in RULES:
        print("    {%d, %d, %d, %d}," % r)
    print("};\n\n/* width, height, then width and height by each rule */")
    print("static const uint32_t golden_size[GOLDEN_SIZES][2 + 2 * GOLDEN_RULES] = {")
    keep = transforms.F
    transforms.F = types.SimpleNamespace(resize=lambda img, size, *a, **k: size)
    for wh in SIZES:
        row = list(wh)
        for r in RULES:
            rule = transforms.ImageTransform(*r).resize_transform
            row += rule(types.SimpleNamespace(size=wh))[::-1]
        print("    {" + ", ".join(str(v) for v in row) + "},")
    transforms.F = keep
    print("};")


def put_resizes():
    print("\n/* noise of seed 1, 2, ...: from, to, channels, sum of the result */")
    print("static const struct {\n  uint32_t from[2], to[2], channels;\n  uint64_t sum;\n} "
          "golden_resize[] = {")
    for i, (w, h, nw, nh, c) in enumerate(RESIZES):
        a = noise((h, w, c), i + 1)
        im = Image.fromarray(a if c == 3 else a[..., 0]).resize((nw, nh), Image.BICUBIC)
        print(f"    {{{{{w}, {h}}}, {{{nw}, {nh}}}, {c}, {fnv(np.array(im))}}},")
    print("};")


def put_white():
    value, alpha = np.meshgrid(np.arange(256), np.arange(256))
    a = np.stack([value, 255 - value, value ^ 0x55, alpha], -1).astype(np.uint8)
    rgb = pil_img2rgb(Image.fromarray(a, "RGBA"))
    print("\n/* every value v under every alpha, as (v, 255 - v, v ^ 0x55), composited onto white:"
          "\n * a row for each alpha */")
    print(f"static const uint64_t golden_white = {fnv(np.array(rgb))};")


def keep(name, data):
    with open(os.path.join(PICTURES, name), "wb") as f:
        f.write(data)


def put_files():
    rows = []
    files = [(f[0], f[1], expected(*f[1:])) for f in png_files()]
    files += [(n, d, np.array(pil_img2rgb(Image.open(io.BytesIO(d))))) for n, d in (*jpeg_files(), *webp_files())]
    for name, data, rgb in files:
        keep(name, data)
        h, w = rgb.shape[:2]
        rows.append(f'{{"{name}", {w}, {h}, {fnv(rgb)}}}')
    print("\n/* files of pictures/, and the RGB picture the official code starts from */")
    print("static const struct {\n  const char *name;\n  uint32_t width, height;\n  uint64_t sum;\n"
          "} golden_file[] = {")
    for r in rows:
        print(f"    {r},")
    print("};")


def put_turned():
    rows = []
    for name, data in turned_files():
        keep(name, data)
        im = Image.open(io.BytesIO(data)).convert("RGB")
        up = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
        rows.append(f'{{"{name}", {fnv(np.array(im))}, {fnv(np.array(up))}}}')
    print("\n/* 5 by 3 pixels under each EXIF orientation from 1 on: as stored, and upright */")
    print("static const struct {\n  const char *name;\n  uint64_t stored, upright;\n"
          "} golden_turned[8] = {")
    for r in rows:
        print(f"    {r},")
    print("};")


def main():
    print("/* images.h - sizes, resized pictures and picture files, recorded by make_image.py with")
    print(f" * Pillow {PIL.__version__} and the official code. */\n/* clang-format off */")
    put_sizes()
    put_resizes()
    put_white()
    put_files()
    put_turned()


if __name__ == "__main__":
    main()
