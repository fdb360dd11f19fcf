"""Odd PNG files, by what is odd: chunks, pixels, palettes, animations, and which way is up."""
import struct
import zlib

from exif import entry, exifs, tiff, xmp, xmps

WIDTH, HEIGHT = 7, 5
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # PNG's colour types and their samples
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind, data=b"", crc=None, length=None):
    """crc is what is added to the right checksum."""
    sum_ = (zlib.crc32(kind + data) + (crc or 0)) & 0xFFFFFFFF
    return struct.pack(">I", len(data) if length is None else length) + kind + data + struct.pack(">I", sum_)


def ihdr(kind=2, depth=8, width=WIDTH, height=HEIGHT, rest=b"\0\0\0", interlaced=False):
    if interlaced:
        rest = b"\0\0\1"
    return struct.pack(">IIBB", width, height, depth, kind) + rest


def rows(kind=2, depth=8, width=WIDTH, height=HEIGHT, filter_=0):
    out, seed = b"", 7
    for _ in range(height):
        out += bytes([filter_])
        for _ in range((width * SAMPLES[kind] * depth + 7) // 8):
            seed = (seed * 1664525 + 1013904223) & 0xFFFFFFFF
            out += bytes([seed >> 24])
    return out


def palette(n):
    return b"".join(bytes([i * 37 & 255, i * 91 & 255, 255 - i & 255]) for i in range(n))


def png(*before, kind=2, depth=8, data=None, after=(), end=chunk(b"IEND"), head=None, idat=None):
    """Chunks in front of the pixels, the pixels, chunks behind them, the end."""
    data = zlib.compress(rows(kind, depth)) if data is None else data
    head = chunk(b"IHDR", ihdr(kind, depth)) if head is None else head
    if kind == 3 and not any(b[4:8] == b"PLTE" for b in before):
        before = (chunk(b"PLTE", palette(1 << depth)),) + before
    idat = chunk(b"IDAT", data) if idat is None else idat
    return SIGNATURE + head + b"".join(before) + idat + b"".join(after) + end


def text_chunks(key, value):
    """A text as every chunk that can hold one."""
    packed = zlib.compress(value)
    return {"tEXt": chunk(b"tEXt", key + b"\0" + value),
            "zTXt": chunk(b"zTXt", key + b"\0\0" + packed),
            "iTXt": chunk(b"iTXt", key + b"\0\0\0\0\0" + value),
            "iTXt-packed": chunk(b"iTXt", key + b"\0\1\0\0\0" + packed)}


def png_chunks():
    text = chunk(b"tEXt", b"Title\0fox")
    pixels = zlib.compress(rows())
    half = len(pixels) // 2
    two = (chunk(b"IDAT", pixels[:half]), chunk(b"IDAT", pixels[half:]))
    yield "sound", png()

    # the end
    yield "end/missing", png(end=b"")
    yield "end/with-data", png(end=chunk(b"IEND", b"abc"))
    yield "end/checksum", png(end=chunk(b"IEND", crc=1))
    yield "end/without-checksum", png(end=chunk(b"IEND")[:-4])
    yield "end/checksum-cut", png(end=chunk(b"IEND")[:-2])
    yield "end/name-cut", png(end=chunk(b"IEND")[:6])
    yield "end/length-only", png(end=b"\0\0\0\0")
    yield "end/length-beyond", png(end=chunk(b"IEND", length=77))
    yield "end/twice", png(end=chunk(b"IEND") * 2)
    yield "end/zeros-behind", png() + bytes(64)
    yield "end/letters-behind", png() + b"what else there is"
    yield "end/picture-behind", png() + png(kind=0)
    yield "end/text-behind", png() + text
    yield "end/zeros-instead", png(end=bytes(40))
    yield "end/letters-instead", png(end=b"what else there is, and more of it")
    yield "end/missing-after-text", png(after=(text,), end=b"")
    yield "end/text-cut", png(after=(text[:-3],), end=b"")
    yield "end/text-cut-in-data", png(after=(text[:-8],), end=b"")
    yield "end/chunk-too-long", png(after=(chunk(b"tEXt", b"Title\0fox", length=9999),))
    yield "end/unknown-chunk-cut", png(after=(chunk(b"abCd", b"123456")[:-8],), end=b"")

    # checksums
    for name, made in (("IHDR", png(head=chunk(b"IHDR", ihdr(), crc=1))),
                       ("IDAT", png(idat=chunk(b"IDAT", pixels, crc=1))),
                       ("IDAT-first", png(idat=chunk(b"IDAT", pixels[:half], crc=1) + two[1])),
                       ("IDAT-second", png(idat=two[0] + chunk(b"IDAT", pixels[half:], crc=1))),
                       ("IDAT-both", png(idat=chunk(b"IDAT", pixels[:half], crc=1) + chunk(b"IDAT", pixels[half:], crc=9))),
                       ("IDAT-zero", png(idat=chunk(b"IDAT", pixels)[:-4] + bytes(4))),
                       ("PLTE", png(chunk(b"PLTE", palette(256), crc=1), kind=3)),
                       ("PLTE-of-colour", png(chunk(b"PLTE", palette(256), crc=1))),
                       ("tRNS", png(chunk(b"tRNS", bytes(6), crc=1))),
                       ("tRNS-of-palette", png(chunk(b"tRNS", bytes([9, 80, 200]), crc=1), kind=3))):
        yield "checksum/" + name, made
    small = {b"gAMA": struct.pack(">I", 45455), b"cHRM": struct.pack(">8I", *range(1, 9)), b"sRGB": b"\0",
             b"pHYs": struct.pack(">IIB", 2835, 2835, 1), b"tEXt": b"Title\0fox",
             b"zTXt": b"Title\0\0" + zlib.compress(b"fox"), b"iTXt": b"Title\0\0\0\0\0fox",
             b"iCCP": b"icc\0\0" + zlib.compress(b"profile"), b"bKGD": bytes(6), b"tIME": bytes(7),
             b"sBIT": bytes([8, 8, 8]), b"hIST": bytes(512), b"sPLT": b"pal\0\x08" + bytes(6),
             b"eXIf": tiff("<", 3, 6), b"prVt": b"private", b"oFFs": bytes(9)}
    wrong = zlib.compress(rows(), 0)[:-30] + b"?" + zlib.compress(rows(), 0)[-29:]
    yield "checksum/IDAT-and-sum", png(idat=chunk(b"IDAT", pixels[:-1] + b"?", crc=1))
    yield "checksum/IDAT-and-pixels", png(idat=chunk(b"IDAT", wrong, crc=1))
    yield "checksum/pixels-alone", png(data=wrong)
    for kind, data in small.items():
        name = kind.decode()
        yield f"checksum/{name}", png(chunk(kind, data, crc=1))
        yield f"checksum/{name}-behind", png(after=(chunk(kind, data, crc=1),))
        yield f"chunk/{name}", png(chunk(kind, data))
        yield f"chunk/{name}-behind", png(after=(chunk(kind, data),))
        yield f"chunk/{name}-empty", png(chunk(kind))
        yield f"chunk/{name}-short", png(chunk(kind, data[:len(data) // 2]))
        yield f"chunk/{name}-long", png(chunk(kind, data + b"more"))
        yield f"chunk/{name}-twice", png(chunk(kind, data) * 2)
        yield f"chunk/{name}-between-IDAT", png(idat=two[0] + chunk(kind, data) + two[1])

    # chunks of no kind
    yield "chunk/unknown-critical", png(chunk(b"ABCD", b"12"))
    yield "chunk/unknown-critical-behind", png(after=(chunk(b"ABCD", b"12"),))
    yield "chunk/reserved-letter", png(chunk(b"abcd", b"12"))
    yield "chunk/no-letters", png(chunk(b"a1\0!", b"12"))
    yield "chunk/no-letters-behind", png(after=(chunk(b"a1\0!", b"12"),))
    yield "chunk/length-above-2G", png(chunk(b"tEXt", b"Title\0fox", length=0x80000004))
    yield "chunk/length-beyond", png(chunk(b"tEXt", b"Title\0fox", length=99999))
    yield "chunk/apple-CgBI", SIGNATURE + chunk(b"CgBI", b"\x50\0\x20\2") + png()[8:]
    yield "chunk/text-before-IHDR", SIGNATURE + text + png()[8:]
    yield "chunk/text-key-missing", png(chunk(b"tEXt", b"\0fox"))
    yield "chunk/text-without-NUL", png(chunk(b"tEXt", b"fox"))
    yield "chunk/zTXt-no-zlib", png(chunk(b"zTXt", b"Title\0\0not zlib"))
    yield "chunk/zTXt-method-1", png(chunk(b"zTXt", b"Title\0\1" + zlib.compress(b"fox")))
    yield "chunk/zTXt-of-2-MB", png(chunk(b"zTXt", b"Title\0\0" + zlib.compress(bytes(2 << 20), 9)))
    yield "chunk/iTXt-of-2-MB", png(chunk(b"iTXt", b"Title\0\1\0\0\0" + zlib.compress(bytes(2 << 20), 9)))
    yield "chunk/iCCP-method-1", png(chunk(b"iCCP", b"icc\0\1" + zlib.compress(b"profile")))

    # the header
    yield "header/IHDR-missing", SIGNATURE + png()[8 + 25:]
    yield "header/IHDR-twice", png(chunk(b"IHDR", ihdr()))
    yield "header/IHDR-14-bytes", png(head=chunk(b"IHDR", ihdr() + b"\0"))
    yield "header/IHDR-12-bytes", png(head=chunk(b"IHDR", ihdr()[:12]))
    yield "header/interlace-2", png(head=chunk(b"IHDR", ihdr(rest=b"\0\0\2")))
    yield "header/filter-1", png(head=chunk(b"IHDR", ihdr(rest=b"\0\1\0")))
    yield "header/compression-1", png(head=chunk(b"IHDR", ihdr(rest=b"\1\0\0")))
    yield "header/width-0", png(head=chunk(b"IHDR", ihdr(width=0)))
    yield "header/height-0", png(head=chunk(b"IHDR", ihdr(height=0)))
    yield "header/width-2G", png(head=chunk(b"IHDR", ihdr(width=1 << 31)))
    yield "header/20000x20000", png(head=chunk(b"IHDR", ihdr(0, 1, 20000, 20000)), data=zlib.compress(bytes(2501 * 20000), 9))
    yield "header/10000x10000", png(head=chunk(b"IHDR", ihdr(0, 1, 10000, 10000)), data=zlib.compress(bytes(1251 * 10000), 9))
    yield "header/70000x1", png(head=chunk(b"IHDR", ihdr(0, 8, 70000, 1)), data=zlib.compress(bytes(70001), 9))
    for kind in range(8):
        for depth in (1, 2, 3, 4, 8, 16, 32):
            if kind not in SAMPLES or (depth not in (8, 16) and kind in (2, 4, 6)) or depth in (3, 32) or (kind, depth) == (3, 16):
                yield f"header/type-{kind}-depth-{depth}", png(head=chunk(b"IHDR", ihdr(kind, depth)),
                                                              data=zlib.compress(bytes(4096)))
    for kind, depth in ((0, 1), (0, 2), (0, 4), (0, 8), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8), (4, 8), (6, 8), (6, 16)):
        yield f"type/{kind}-depth-{depth}", png(kind=kind, depth=depth)
    yield "type/0-depth-16", png(kind=0, depth=16)
    yield "type/4-depth-16", png(kind=4, depth=16)
    yield "signature/newline-lost", b"\x89PNG\n\x1a\n" + png()[8:]
    yield "signature/returns-added", b"\x89PNG\r\r\n\x1a\r\n" + png()[8:]
    yield "signature/seventh-bit-lost", b"\tPNG\r\n\x1a\n" + png()[8:]
    yield "signature/blank-in-front", b" " + png()
    yield "signature/mng", b"\x8aMNG\r\n\x1a\n" + png()[8:]
    yield "signature/alone", SIGNATURE
    yield "signature/empty-file", b""


def png_pixels():
    raw = rows()
    good = zlib.compress(raw)
    yield "sum-wrong", png(data=good[:-1] + bytes([good[-1] ^ 1]))
    yield "sum-missing", png(data=good[:-4])
    yield "sum-half", png(data=good[:-2])
    yield "sum-zero", png(data=good[:-4] + bytes(4))
    yield "cut", png(data=good[:len(good) // 2])
    yield "cut-and-nothing-behind", png(data=good[:len(good) // 2], end=b"")
    yield "file-cut-in-IDAT", png()[:-30]
    yield "file-cut-in-sum", png()[:-12 - 6]
    yield "file-cut-in-checksum", png()[:-12 - 2]
    yield "file-cut-before-checksum", png()[:-12 - 4]
    yield "row-missing", png(data=zlib.compress(raw[:-1 - 3 * WIDTH]))
    yield "pixel-missing", png(data=zlib.compress(raw[:-3]))
    yield "nothing", png(data=zlib.compress(b""))
    yield "row-more", png(data=zlib.compress(raw + raw[:22]))
    yield "byte-more", png(data=zlib.compress(raw + b"\0"))
    yield "100-KB-more", png(data=zlib.compress(raw + bytes(100000)))
    yield "bytes-behind-stream", png(data=good + b"abc")
    yield "zeros-behind-stream", png(data=good + bytes(20))
    yield "stream-twice", png(data=good + good)
    yield "IDAT-missing", png(idat=b"")
    yield "IDAT-empty", png(idat=chunk(b"IDAT"))
    yield "IDAT-empty-first", png(idat=chunk(b"IDAT") + chunk(b"IDAT", good))
    yield "IDAT-empty-last", png(idat=chunk(b"IDAT", good) + chunk(b"IDAT"))
    yield "IDAT-empty-ten", png(idat=chunk(b"IDAT") * 10 + chunk(b"IDAT", good))
    yield "IDAT-a-byte-each", png(idat=b"".join(chunk(b"IDAT", good[i:i + 1]) for i in range(len(good))))
    yield "IDAT-other-stream-behind", png(idat=chunk(b"IDAT", good) + chunk(b"IDAT", good))
    yield "IDAT-letters-behind", png(idat=chunk(b"IDAT", good) + chunk(b"IDAT", b"letters"))
    yield "IDAT-after-text", png(after=(chunk(b"tEXt", b"Title\0fox"), chunk(b"IDAT", b"")))
    yield "window-too-small", png(data=b"\x08\x1d" + good[2:])
    yield "window-above-32K", png(data=b"\x88\x1c" + good[2:])
    yield "method-9", png(data=b"\x79\x1a" + good[2:])
    yield "header-check-wrong", png(data=b"\x78\x9d" + good[2:])
    yield "dictionary-wanted", png(data=b"\x78\xbb" + good[2:])
    yield "raw-deflate", png(data=good[2:-4])
    packer = zlib.compressobj(wbits=31)
    yield "gzip", png(data=packer.compress(raw) + packer.flush())
    yield "stored", png(data=zlib.compress(raw, 0))
    yield "reserved-block", png(data=b"\x78\x9c\x07" + good[3:])
    for f in range(1, 7):
        yield f"filter-{f}", png(data=zlib.compress(rows(filter_=f)))
    yield "filter-255", png(data=zlib.compress(rows(filter_=255)))
    yield "filter-5-in-last-row", png(data=zlib.compress(raw[:-22] + b"\5" + raw[-21:]))
    inter = png(head=chunk(b"IHDR", ihdr(interlaced=True)), data=zlib.compress(interlaced(3)))
    yield "interlaced", inter
    yield "interlaced-row-missing", png(head=chunk(b"IHDR", ihdr(interlaced=True)), data=zlib.compress(interlaced(3)[:-22]))
    yield "interlaced-row-more", png(head=chunk(b"IHDR", ihdr(interlaced=True)), data=zlib.compress(interlaced(3) + bytes(22)))
    yield "interlaced-sum-wrong", png(head=chunk(b"IHDR", ihdr(interlaced=True)), data=zlib.compress(interlaced(3))[:-1] + b"?")
    yield "interlaced-sum-missing", png(head=chunk(b"IHDR", ihdr(interlaced=True)), data=zlib.compress(interlaced(3))[:-4])


def interlaced(samples, width=WIDTH, height=HEIGHT):
    """The seven passes of 8-bit samples."""
    out, seed = b"", 3
    for x0, y0, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)):
        w, h = (width - x0 + dx - 1) // dx, (height - y0 + dy - 1) // dy
        for _ in range(h if w > 0 else 0):
            out += b"\0"
            for _ in range(w * samples):
                seed = (seed * 1664525 + 1013904223) & 0xFFFFFFFF
                out += bytes([seed >> 24])
    return out


def png_palettes():
    for depth in (1, 2, 4, 8):
        full = 1 << depth
        for n in sorted({1, full - 1, full, full + 1, 256, 257}):
            yield f"palette/depth-{depth}-of-{n}", png(chunk(b"PLTE", palette(n)), kind=3, depth=depth)
        for n in sorted({0, 1, full - 1, full, full + 1, 256, 257}):
            alpha = bytes(i * 53 + 7 & 255 for i in range(n))
            yield f"clear/depth-{depth}-of-{n}", png(chunk(b"PLTE", palette(full)), chunk(b"tRNS", alpha), kind=3, depth=depth)
        yield f"clear/depth-{depth}-one-clear", png(chunk(b"PLTE", palette(full)), chunk(b"tRNS", b"\0"), kind=3, depth=depth)
        yield f"clear/depth-{depth}-second-clear", png(chunk(b"PLTE", palette(full)), chunk(b"tRNS", b"\xff\0"), kind=3, depth=depth)
        yield f"clear/depth-{depth}-none-clear", png(chunk(b"PLTE", palette(full)), chunk(b"tRNS", b"\xff" * full), kind=3, depth=depth)
        yield f"clear/depth-{depth}-short-palette", png(chunk(b"PLTE", palette(max(full // 2, 1))), chunk(b"tRNS", bytes(range(0, full))), kind=3, depth=depth)
    yield "palette/missing", SIGNATURE + chunk(b"IHDR", ihdr(3)) + chunk(b"IDAT", zlib.compress(rows(3))) + chunk(b"IEND")
    yield "palette/empty", png(chunk(b"PLTE"), kind=3)
    yield "palette/no-multiple-of-3", png(chunk(b"PLTE", palette(256)[:-1]), kind=3)
    yield "palette/one-byte-more", png(chunk(b"PLTE", palette(16) + b"\0"), kind=3, depth=4)
    yield "palette/twice", png(chunk(b"PLTE", palette(256)), chunk(b"PLTE", palette(256)[::-1]), kind=3)
    yield "palette/behind", png(chunk(b"PLTE", palette(256)), kind=3, after=(chunk(b"PLTE", palette(256)[::-1]),))
    yield "palette/only-behind", SIGNATURE + chunk(b"IHDR", ihdr(3)) + chunk(b"IDAT", zlib.compress(rows(3))) + chunk(b"PLTE", palette(256)) + chunk(b"IEND")
    for kind in (0, 2, 4, 6):
        yield f"palette/of-type-{kind}", png(chunk(b"PLTE", palette(256)), kind=kind)
        yield f"palette/of-type-{kind}-of-300", png(chunk(b"PLTE", palette(300)), kind=kind)
        yield f"palette/of-type-{kind}-empty", png(chunk(b"PLTE"), kind=kind)
        yield f"palette/of-type-{kind}-behind", png(kind=kind, after=(chunk(b"PLTE", palette(256)),))
    first = {0: rows(0)[1:2], 2: rows(2)[1:4]}
    grey, colour = b"\0" + first[0], b"".join(b"\0" + first[2][i:i + 1] for i in range(3))
    for name, kind, data in (("grey", 0, grey), ("grey-1-byte", 0, grey[:1]), ("grey-3-bytes", 0, grey + b"\0"),
                             ("grey-6-bytes", 0, grey + bytes(4)), ("grey-empty", 0, b""), ("grey-above-255", 0, b"\1" + first[0]),
                             ("colour", 2, colour), ("colour-5-bytes", 2, colour[:5]), ("colour-7-bytes", 2, colour + b"\0"),
                             ("colour-2-bytes", 2, grey), ("colour-empty", 2, b""), ("colour-above-255", 2, b"\1" + colour[1:]),
                             ("grey-alpha", 4, grey), ("colour-alpha", 6, colour)):
        yield f"clear/{name}", png(chunk(b"tRNS", data), kind=kind)
    for depth in (1, 2, 4):
        for value in sorted({0, 1, (1 << depth) - 1, 1 << depth, 255}):
            yield f"clear/grey-depth-{depth}-of-{value}", png(chunk(b"tRNS", struct.pack(">H", value)), kind=0, depth=depth)
    yield "clear/grey-16", png(chunk(b"tRNS", rows(0, 16)[1:3]), kind=0, depth=16)
    yield "clear/colour-16", png(chunk(b"tRNS", rows(2, 16)[1:7]), kind=2, depth=16)
    yield "clear/before-palette", png(chunk(b"tRNS", bytes(range(256))), chunk(b"PLTE", palette(256)), kind=3)
    yield "clear/behind", png(chunk(b"PLTE", palette(256)), kind=3, after=(chunk(b"tRNS", bytes(range(256))),))
    yield "clear/behind-grey", png(kind=0, after=(chunk(b"tRNS", grey),))
    yield "clear/behind-grey-checksum", png(kind=0, after=(chunk(b"tRNS", grey, crc=1),))
    yield "clear/twice-second-behind", png(chunk(b"PLTE", palette(256)), chunk(b"tRNS", bytes(range(255, -1, -1))), kind=3, after=(chunk(b"tRNS", bytes(range(256))),))
    yield "clear/behind-colour", png(after=(chunk(b"tRNS", colour),))
    yield "clear/behind-colour-short", png(after=(chunk(b"tRNS", colour[:3]),))
    yield "clear/twice", png(chunk(b"tRNS", bytes(6)), chunk(b"tRNS", colour))
    yield "clear/twice-palette", png(chunk(b"PLTE", palette(256)), chunk(b"tRNS", bytes(range(256))), chunk(b"tRNS", bytes(range(255, -1, -1))), kind=3)


def animated():
    pixels = zlib.compress(rows())
    other = zlib.compress(rows(filter_=1))
    control = lambda n, w=WIDTH, h=HEIGHT, x=0, y=0: chunk(b"fcTL", struct.pack(">5I2HBB", n, w, h, x, y, 1, 1, 0, 0))
    frames = lambda n: chunk(b"acTL", struct.pack(">II", n, 0))
    data = lambda n, d=other: chunk(b"fdAT", struct.pack(">I", n) + d)
    yield "two-frames", png(frames(2), control(0), after=(control(1), data(2)))
    yield "picture-is-no-frame", png(frames(1), after=(control(0), data(1)))
    yield "one-frame", png(frames(1), control(0))
    yield "no-frames", png(frames(0))
    yield "frames-missing", png(frames(5), control(0))
    yield "control-missing", png(frames(2), after=(data(1),))
    yield "control-out-of-order", png(frames(2), control(3), after=(control(1), data(2)))
    yield "control-too-large", png(frames(2), control(0, w=99), after=(control(1), data(2)))
    yield "control-short", png(frames(2), chunk(b"fcTL", bytes(5)), after=(control(1), data(2)))
    yield "second-control-too-large", png(frames(2), control(0), after=(control(1, w=99), data(2)))
    yield "second-frame-damaged", png(frames(2), control(0), after=(control(1), data(2, b"letters")))
    yield "acTL-short", png(chunk(b"acTL", bytes(4)))
    yield "acTL-twice", png(frames(2), frames(2), control(0), after=(control(1), data(2)))
    yield "acTL-behind", png(after=(frames(2),))
    yield "frames-without-IDAT", SIGNATURE + chunk(b"IHDR", ihdr()) + frames(1) + control(0) + data(1, pixels) + chunk(b"IEND")
    yield "end-missing", png(frames(2), control(0), after=(control(1), data(2)), end=b"")


def raw_profile(data, name=b"exif"):
    hex_ = data.hex().encode()
    lines = b"\n".join(hex_[i:i + 72] for i in range(0, len(hex_), 72))
    return b"\n" + name + b"\n" + b"%8d" % len(data) + b"\n" + lines + b"\n"


def png_turned():
    six, upright, three = tiff("<", 3, 6), tiff("<", 3, 1), tiff(">", 4, 3)
    none = tiff("<", 3, 6)[:8] + b"\1\0" + entry("<", 0x100, 3, 1, b"\5\0") + bytes(4)
    for name, data in exifs():
        yield f"eXIf/{name}", png(chunk(b"eXIf", data))
    yield "eXIf/behind", png(after=(chunk(b"eXIf", six),))
    yield "eXIf/behind-and-checksum", png(after=(chunk(b"eXIf", six, crc=1),))
    yield "eXIf/twice", png(chunk(b"eXIf", six), chunk(b"eXIf", three))
    yield "eXIf/twice-second-behind", png(chunk(b"eXIf", six), after=(chunk(b"eXIf", three),))
    yield "eXIf/behind-end", png() + chunk(b"eXIf", six)
    yield "eXIf/with-prefix", png(chunk(b"eXIf", b"Exif\0\0" + six))
    for name, data in (("six", six), ("LONG", three), ("upright", upright), ("none", none), ("prefix", b"Exif\0\0" + six)):
        profile = raw_profile(data)
        for how, made in text_chunks(b"Raw profile type exif", profile).items():
            yield f"profile/{name}-{how}", png(made)
            yield f"profile/{name}-{how}-behind", png(after=(made,))
    key = b"Raw profile type exif"
    yield "profile/APP1", png(chunk(b"zTXt", b"Raw profile type APP1\0\0" + zlib.compress(raw_profile(b"Exif\0\0" + six, b"generic profile"))))
    yield "profile/other-name-inside", png(chunk(b"tEXt", key + b"\0" + raw_profile(six, b"generic")))
    yield "profile/upper-case-digits", png(chunk(b"tEXt", key + b"\0" + raw_profile(six).upper()))
    yield "profile/length-wrong", png(chunk(b"tEXt", key + b"\0" + raw_profile(six).replace(b"%8d" % len(six), b"       3")))
    yield "profile/blanks-between", png(chunk(b"tEXt", key + b"\0" + b"\nexif\n  26\n" + b" ".join(b"%02x" % b for b in six)))
    yield "profile/blank-in-a-byte", png(chunk(b"tEXt", key + b"\0" + b"\nexif\n  26\n" + b" ".join(b"%x %x" % (b >> 4, b & 15) for b in six)))
    yield "profile/odd-digits", png(chunk(b"tEXt", key + b"\0" + raw_profile(six)[:-2] + b"\n"))
    yield "profile/no-hex", png(chunk(b"tEXt", key + b"\0" + raw_profile(six).replace(b"49", b"zz")))
    yield "profile/two-lines", png(chunk(b"tEXt", key + b"\0\nexif"))
    yield "profile/empty", png(chunk(b"tEXt", key + b"\0"))
    yield "profile/returns", png(chunk(b"tEXt", key + b"\0" + raw_profile(six).replace(b"\n", b"\r\n")))
    yield "profile/lower-case-key", png(chunk(b"tEXt", b"raw profile type exif\0" + raw_profile(six)))
    yield "profile/twice", png(chunk(b"tEXt", key + b"\0" + raw_profile(six)), chunk(b"tEXt", key + b"\0" + raw_profile(three)))
    yield "profile/and-eXIf", png(chunk(b"eXIf", three), chunk(b"tEXt", key + b"\0" + raw_profile(six)))
    yield "profile/and-eXIf-behind", png(chunk(b"tEXt", key + b"\0" + raw_profile(six)), after=(chunk(b"eXIf", three),))
    yield "profile/and-eXIf-without", png(chunk(b"eXIf", none), chunk(b"tEXt", key + b"\0" + raw_profile(six)))
    yield "profile/exif-as-text", png(chunk(b"tEXt", b"exif\0" + six))
    for name, data in xmps():
        yield f"xmp/{name}", png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + data))
    data = xmp(b'tiff:Orientation="6"/>')
    for how, made in text_chunks(b"XML:com.adobe.xmp", data).items():
        yield f"xmp/as-{how}", png(made)
        yield f"xmp/as-{how}-behind", png(after=(made,))
    for how, made in text_chunks(b"xmp", data).items():
        yield f"xmp/key-xmp-{how}", png(made)
    yield "xmp/raw-profile", png(chunk(b"zTXt", b"Raw profile type xmp\0\0" + zlib.compress(raw_profile(data, b"xmp"))))
    yield "xmp/checksum", png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + data, crc=1))
    yield "xmp/checksum-behind", png(after=(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + data, crc=1),))
    yield "xmp/twice", png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + data), chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(b'tiff:Orientation="3"/>')))
    packet = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + data)
    for name, other in (("upright", upright), ("LONG", three), ("none", none), ("of-9", tiff("<", 3, 9)), ("of-letters", tiff("<", 2, 6)), ("empty", b"")):
        yield f"xmp/and-eXIf-{name}", png(chunk(b"eXIf", other), packet)
        yield f"xmp/and-profile-{name}", png(packet, chunk(b"tEXt", key + b"\0" + raw_profile(other)))
    yield "xmp/language", png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0en\0title\0" + data))
    yield "xmp/packed-method-1", png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\1\0\0" + zlib.compress(data)))
    yield "xmp/flag-2", png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\2\0\0\0" + zlib.compress(data)))
    yield "xmp/method-1-not-packed", png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\1\0\0" + data))
    yield "xmp/packed-cut", png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(data)[:-5]))
    yield "xmp/packed-sum-wrong", png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(data)[:-1] + b"?"))
