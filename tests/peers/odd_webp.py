"""Odd WebP files, by what is odd: chunks and their sizes, what is in them, animations, and which way is up.
They are made of the chunks of ../golden/pictures.
"""
import struct

from exif import exifs, tiff, xmp, xmps
from odd_jpeg import golden

ANIMATION, XMP, EXIF, ALPHA, ICC = 2, 4, 8, 16, 32
W, H = 37, 26


def chunk(name, data, size=None, pad=True):
    return name + struct.pack("<I", len(data) if size is None else size) + data + (b"\0" if pad and len(data) % 2 else b"")


def riff(*chunks, size=None):
    data = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(data) if size is None else size) + data


def chunks(webp):
    """Names and data, in the order of the file."""
    out, at = [], 12
    while at < len(webp):
        name, n = webp[at:at + 4], struct.unpack("<I", webp[at + 4:at + 8])[0]
        out.append((name, webp[at + 8:at + 8 + n]))
        at += 8 + n + n % 2
    return out


def data_of(webp, name):
    return dict(chunks(webp))[name]


def u24(v):
    return struct.pack("<I", v)[:3]


def header(flags, width=W, height=H):
    return chunk(b"VP8X", struct.pack("<I", flags) + u24(width - 1) + u24(height - 1))


LOSSY, LOSSLESS = data_of(golden("lossy.webp"), b"VP8 "), data_of(golden("lossless.webp"), b"VP8L")
CLEAR = data_of(golden("lossless-clear.webp"), b"VP8L")
UNDER, OVER = (data_of(golden("lossy-clear.webp"), n) for n in (b"VP8 ", b"ALPH"))
STILLS = {"lossy": (0, chunk(b"VP8 ", LOSSY)), "lossless": (0, chunk(b"VP8L", LOSSLESS)),
          "lossless-clear": (ALPHA, chunk(b"VP8L", CLEAR)), "lossy-clear": (ALPHA, chunk(b"ALPH", OVER) + chunk(b"VP8 ", UNDER))}


def changed(data, at, *to):
    return data[:at] + bytes(to) + data[at + len(to):]


def webp_files():
    for base in (*STILLS, "animation"):
        webp = golden(base + ".webp")
        size = len(webp) - 8
        yield f"{base}/sound", webp
        yield f"{base}/zeros-behind", webp + bytes(50)
        yield f"{base}/letters-behind", webp + b"letters"
        yield f"{base}/picture-behind", webp + golden("lossy.webp")
        for k in (1, 2, 3, 8, 40):
            yield f"{base}/cut-{k}", webp[:-k]
        for k in (5, 12, 16, 20, 25, 30, 50):
            yield f"{base}/only-{k}", webp[:k]
        for name, n in (("0", 0), ("4", 4), ("12", 12), ("2-less", size - 2), ("1-less", size - 1), ("1-more", size + 1),
                        ("2-more", size + 2), ("50-more", size + 50), ("half", size // 2), ("2-31", 1 << 31), ("largest", (1 << 32) - 1)):
            yield f"{base}/size-{name}", changed(webp, 4, *struct.pack("<I", n))
        yield f"{base}/size-with-letters", riff(webp[12:], b"letters")
        yield f"{base}/letters-in-front", b"letters" + webp
        yield f"{base}/RIFX", b"RIFX" + webp[4:]
        yield f"{base}/form-lower-case", webp[:8] + b"webp" + webp[12:]
        for k in (3, 10, 20, 60):
            yield f"{base}/byte-changed-{k}", changed(webp, len(webp) - k, webp[-k] ^ 0x10)
        for k in (1, 2, 5, 9, 14, 30):
            yield f"{base}/head-changed-{k}", changed(webp, 20 + k, webp[20 + k] ^ 0x10)


def webp_chunks():
    other, meta = chunk(b"FOXY", b"letters"), chunk(b"EXIF", b"letters")
    for base, (flags, frame) in STILLS.items():
        yield f"plain/{base}", riff(frame)
        yield f"plain/{base}-other-behind", riff(frame, other)
        yield f"plain/{base}-other-in-front", riff(other, frame)
        yield f"plain/{base}-EXIF-behind", riff(frame, meta)
        yield f"plain/{base}-twice", riff(frame, frame)
        yield f"plain/{base}-header-behind", riff(frame, header(flags))
        yield f"header/{base}", riff(header(flags), frame)
        for name, more in (("ICC", ICC), ("EXIF", EXIF), ("XMP", XMP), ("all-bits", 0xFFFFFFFD), ("reserved", 0xFFFFFFC1)):
            yield f"header/{base}-{name}-not-there", riff(header(flags | more), frame)
        yield f"header/{base}-alpha-other", riff(header(flags ^ ALPHA), frame)
        yield f"header/{base}-animation", riff(header(flags | ANIMATION), frame)
        yield f"header/{base}-ICC-of-letters", riff(header(flags | ICC), chunk(b"ICCP", b"letters"), frame)
        yield f"header/{base}-ICC-behind", riff(header(flags | ICC), frame, chunk(b"ICCP", b"letters"))
        yield f"header/{base}-EXIF-in-front", riff(header(flags | EXIF), meta, frame)
        yield f"header/{base}-other-in-front", riff(header(flags), other, frame)
        yield f"header/{base}-other-behind", riff(header(flags), frame, other)
        yield f"header/{base}-behind-other", riff(other, header(flags), frame)
        yield f"header/{base}-twice", riff(header(flags), header(flags), frame)
        yield f"header/{base}-frame-twice", riff(header(flags), frame, frame)
        yield f"header/{base}-no-frame", riff(header(flags))
        yield f"header/{base}-frame-behind-end", riff(header(flags)) + frame
        yield f"header/{base}-last-cut", riff(header(flags | EXIF), frame, meta)[:-3]
        yield f"header/{base}-last-name-cut", riff(header(flags | EXIF), frame, meta)[:-14]
        yield f"header/{base}-last-too-long", riff(header(flags | EXIF), frame, chunk(b"EXIF", b"letters", 999))
        yield f"header/{base}-last-longest", riff(header(flags | EXIF), frame, chunk(b"EXIF", b"letters", (1 << 32) - 1))
        for w, h in ((W + 1, H), (W, H - 1), (1, 1), (16383, 16383), (70000, 1), (1 << 24, 255), (1 << 24, 256), (1 << 24, 1 << 24)):
            yield f"header/{base}-of-{w}x{h}", riff(header(flags, w, h), frame)
        for n in (0, 9):
            yield f"header/{base}-of-{n}-bytes", riff(chunk(b"VP8X", header(flags)[8:8 + n]), frame)
    for n in (0, 1, 4, 5, 9, 10, 11):
        yield f"frame/lossy-of-{n}", riff(chunk(b"VP8 ", LOSSY[:n]))
        yield f"frame/lossless-of-{n}", riff(chunk(b"VP8L", LOSSLESS[:n]))
    for k in (1, 2, 5, 10, 40, 100, 200):
        yield f"frame/lossy-less-{k}", riff(chunk(b"VP8 ", LOSSY[:-k]))
        yield f"frame/lossless-less-{k}", riff(chunk(b"VP8L", LOSSLESS[:-k]))
        yield f"frame/lossy-zeros-{k}", riff(chunk(b"VP8 ", LOSSY[:-k] + bytes(k)))
        yield f"frame/lossless-zeros-{k}", riff(chunk(b"VP8L", LOSSLESS[:-k] + bytes(k)))
        yield f"frame/lossy-more-{k}", riff(chunk(b"VP8 ", LOSSY + bytes(k)))
        yield f"frame/lossless-more-{k}", riff(chunk(b"VP8L", LOSSLESS + bytes(k)))
    yield "frame/names-swapped-lossy", riff(chunk(b"VP8L", LOSSY))
    yield "frame/names-swapped-lossless", riff(chunk(b"VP8 ", LOSSLESS))
    for size in (0, 5, len(LOSSLESS) - 3, len(LOSSLESS) + 40, (1 << 32) - 1):
        yield f"frame/lossless-said-{size}", riff(chunk(b"VP8L", LOSSLESS, size))
    yield "frame/odd-without-padding", riff(chunk(b"VP8L", LOSSLESS + b"\0" * (1 - len(LOSSLESS) % 2), pad=False))
    tag = int.from_bytes(LOSSY[:3], "little")
    for bit in range(5):  # inter frame, profile, shown
        yield f"frame/lossy-tag-{bit}", riff(chunk(b"VP8 ", (tag ^ 1 << bit).to_bytes(3, "little") + LOSSY[3:]))
    for name, n in (("0", 0), ("1", 1), ("beyond", len(LOSSY))):
        yield f"frame/lossy-partition-{name}", riff(chunk(b"VP8 ", (tag & 31 | n << 5).to_bytes(3, "little") + LOSSY[3:]))
    yield "frame/lossy-start-code", riff(chunk(b"VP8 ", changed(LOSSY, 3, 0)))
    for w, h in ((0, H), (W, 0), (W - 1, H), (W + 20, H), (16383, 16383), (W | 1 << 14, H | 2 << 14)):
        yield f"frame/lossy-of-{w}x{h}", riff(chunk(b"VP8 ", LOSSY[:6] + struct.pack("<HH", w, h) + LOSSY[10:]))
    bits = struct.unpack("<I", LOSSLESS[1:5])[0]
    yield "frame/lossless-signature", riff(chunk(b"VP8L", changed(LOSSLESS, 0, 0x2E)))
    for bit in (0, 14, 28, 29, 30, 31):  # sides less 1, alpha, version
        yield f"frame/lossless-bit-{bit}", riff(chunk(b"VP8L", LOSSLESS[:1] + struct.pack("<I", bits ^ 1 << bit) + LOSSLESS[5:]))
    yield "frame/lossless-of-16384x16384", riff(chunk(b"VP8L", LOSSLESS[:1] + struct.pack("<I", bits | 0xFFFFFFF) + LOSSLESS[5:]))
    yield "frame/clear-without-alpha-bit", riff(chunk(b"VP8L", CLEAR[:4] + bytes([CLEAR[4] & 0xEF]) + CLEAR[5:]))


def clear(over, under=UNDER):
    return riff(header(ALPHA), chunk(b"ALPH", over), chunk(b"VP8 ", under))


def webp_alpha():
    for bits in range(0, 256, 5):  # packing, filter, quantization, reserved
        yield f"head-{bits}", clear(bytes([bits]) + OVER[1:])
    plain = bytes(range(0, 240, 7)) * H * 2
    for n in (W * H, W * H - 1, W * H + 1, 0, 1):
        for method in (0, 4, 8, 12):
            yield f"unpacked-{n}-filter-{method}", clear(bytes([method]) + plain[:n])
    for k in (1, 2, 10, 100):
        yield f"less-{k}", clear(OVER[:-k])
        yield f"zeros-{k}", clear(OVER[:-k] + bytes(k))
        yield f"more-{k}", clear(OVER + bytes(k))
    yield "empty", clear(b"")
    yield "alone", riff(header(ALPHA), chunk(b"ALPH", OVER))
    yield "twice", riff(header(ALPHA), chunk(b"ALPH", OVER), chunk(b"ALPH", b"\0" + plain[:W * H]), chunk(b"VP8 ", UNDER))
    yield "behind", riff(header(ALPHA), chunk(b"VP8 ", UNDER), chunk(b"ALPH", OVER))
    yield "without-header", riff(chunk(b"ALPH", OVER), chunk(b"VP8 ", UNDER))
    yield "other-between", riff(header(ALPHA), chunk(b"ALPH", OVER), chunk(b"FOXY", b"letters"), chunk(b"VP8 ", UNDER))
    yield "over-lossless", riff(header(ALPHA), chunk(b"ALPH", OVER), chunk(b"VP8L", LOSSLESS))
    yield "over-lossless-clear", riff(header(ALPHA), chunk(b"ALPH", OVER), chunk(b"VP8L", CLEAR))
    yield "frame-cut", clear(OVER, UNDER[:-20])


def frame(data, x=0, y=0, w=W, h=H, flags=0):
    return chunk(b"ANMF", u24(x // 2) + u24(y // 2) + u24(w - 1) + u24(h - 1) + u24(100) + bytes([flags]) + data)


def webp_animations():
    anim = chunk(b"ANIM", b"\x10\x20\x30\xff\0\0")
    stills = {n: s[1] for n, s in STILLS.items()}
    last = frame(stills["lossless"])
    for base, still in stills.items():
        for flags, name in ((ALPHA, "clear"), (0, "opaque")):
            head = header(flags | ANIMATION, 60, 50)
            yield f"{base}-{name}/one", riff(head, anim, frame(still))
            yield f"{base}-{name}/placed", riff(head, anim, frame(still, 10, 20), last)
            for how in (1, 2, 3, 255):  # disposed, not blended, reserved bits
                yield f"{base}-{name}/placed-{how}", riff(head, anim, frame(still, 22, 24, flags=how), last)
            yield f"{base}-{name}/over-the-edge", riff(head, anim, frame(still, 24, 24), last)
            yield f"{base}-{name}/far-out", riff(head, anim, frame(still, 1 << 24, 0), last)
            yield f"{base}-{name}/of-another-size", riff(head, anim, frame(still, w=W - 1), last)
            yield f"{base}-{name}/whole", riff(header(flags | ANIMATION), anim, frame(still), last)
            yield f"{base}-{name}/flag-missing", riff(header(flags), anim, frame(still), last)
            yield f"{base}-{name}/without-ANIM", riff(header(flags | ANIMATION), frame(still), last)
            yield f"{base}-{name}/ANIM-behind", riff(header(flags | ANIMATION), frame(still), anim, last)
            yield f"{base}-{name}/still-in-front", riff(header(flags | ANIMATION), anim, still, frame(still), last)
            yield f"{base}-{name}/still-behind", riff(header(flags | ANIMATION), anim, frame(still), still)
    head, still = header(ANIMATION), stills["lossy"]
    whole = riff(head, anim, frame(still), last)
    yield "odd/no-frames", riff(head, anim)
    yield "odd/ANIM-short", riff(head, chunk(b"ANIM", b"\0\0"), frame(still), last)
    yield "odd/ANIM-twice", riff(head, anim, chunk(b"ANIM", bytes(6)), frame(still), last)
    yield "odd/frame-empty", riff(head, anim, frame(b""), last)
    yield "odd/frame-short", riff(head, anim, chunk(b"ANMF", bytes(12)), last)
    yield "odd/frame-of-others", riff(head, anim, frame(chunk(b"FOXY", b"letters")), last)
    yield "odd/frame-with-others", riff(head, anim, frame(still + chunk(b"FOXY", b"letters")), last)
    yield "odd/frame-behind-others", riff(head, anim, frame(chunk(b"FOXY", b"letters") + still), last)
    yield "odd/frame-of-two", riff(head, anim, frame(still + still), last)
    yield "odd/frame-in-frame", riff(head, anim, frame(frame(still)), last)
    yield "odd/first-damaged", riff(head, anim, frame(chunk(b"VP8 ", LOSSY[:-100])), last)
    yield "odd/second-damaged", riff(head, anim, frame(still), frame(chunk(b"VP8L", LOSSLESS[:-100])))
    yield "odd/second-of-another-size", riff(head, anim, frame(still), frame(still, w=W + 3))
    yield "odd/second-empty", riff(head, anim, frame(still), frame(b""))
    yield "odd/second-cut", whole[:-100]
    yield "odd/second-head-cut", whole[:-len(last) + 12]
    yield "odd/first-cut", whole[:-len(last) - 100]
    yield "odd/many", riff(head, anim, frame(still), *[frame(chunk(b"VP8L", b"\x2f" + struct.pack("<I", 0) + bytes(8)), w=1, h=1)] * 300)


def webp_turned():
    tagged = lambda flags, *more: riff(header(flags), chunk(b"VP8 ", LOSSY), *more)
    exif, packet = (lambda data: chunk(b"EXIF", data)), (lambda data: chunk(b"XMP ", data))
    six, three = tiff("<", 3, 6), tiff(">", 4, 3)
    for name, data in exifs():
        yield f"exif/{name}", tagged(EXIF, exif(data))
    yield "exif/mark-of-JPEG", tagged(EXIF, exif(b"Exif\0\0" + six))
    yield "exif/flag-missing", tagged(0, exif(six))
    yield "exif/twice", tagged(EXIF, exif(six), exif(three))
    yield "exif/in-front", riff(header(EXIF), exif(six), chunk(b"VP8 ", LOSSY))
    yield "exif/without-header", riff(chunk(b"VP8 ", LOSSY), exif(six))
    yield "exif/lower-case", tagged(EXIF, chunk(b"exif", six))
    yield "exif/behind-other", tagged(EXIF, chunk(b"FOXY", b"letters"), exif(six))
    yield "exif/behind-end", tagged(EXIF) + exif(six)
    yield "exif/cut", tagged(EXIF, exif(six))[:-4]
    yield "exif/of-animation", riff(header(EXIF | ANIMATION), chunk(b"ANIM", bytes(6)), frame(chunk(b"VP8 ", LOSSY)), exif(six))
    for name, data in xmps():
        yield f"xmp/{name}", tagged(XMP, packet(data))
    data = xmp(b'tiff:Orientation="6"/>')
    yield "xmp/twice", tagged(XMP, packet(data), packet(xmp(b'tiff:Orientation="3"/>')))
    yield "xmp/flag-missing", tagged(0, packet(data))
    yield "xmp/name-without-blank", tagged(XMP, chunk(b"XMP\0", data))
    for name, other in (("upright", tiff("<", 3, 1)), ("LONG", three), ("of-9", tiff("<", 3, 9)), ("of-letters", tiff("<", 2, 6)), ("empty", b"")):
        yield f"xmp/and-exif-{name}", tagged(XMP | EXIF, exif(other), packet(data))
        yield f"xmp/before-exif-{name}", tagged(XMP | EXIF, packet(data), exif(other))
