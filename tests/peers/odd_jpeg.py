"""Odd JPEG files, by what is odd: restart markers, segments and scans, and which way is up. They are cut and
mended from those of ../golden/pictures.
"""
import os
import struct

from exif import entry, exifs, tiff, xmp, xmps

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden", "pictures")


def golden(name):
    with open(os.path.join(GOLDEN, name), "rb") as f:
        return f.read()


def segment(marker, data):
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def split(jpeg):
    """Segments up to the first scan's header, and all that follows it."""
    out, at = [], 2
    while True:
        n = struct.unpack(">H", jpeg[at + 2:at + 4])[0]
        out.append(jpeg[at:at + 2 + n])
        at += 2 + n
        if out[-1][1] == 0xDA:
            return out, jpeg[at:]


def with_segment(jpeg, *segments):
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def change(jpeg, marker, how):
    segments, rest = split(jpeg)
    return jpeg[:2] + b"".join(how(s) if s[1] == marker else s for s in segments) + rest


def restarts(data):
    """Entropy-coded pieces between restart markers, and what ends them."""
    pieces, at, begin = [], 0, 0
    while True:
        at = data.index(b"\xff", at)
        if 0xD0 <= data[at + 1] <= 0xD7:
            pieces.append(data[begin:at])
            begin = at + 2
        elif data[at + 1] != 0:
            return pieces + [data[begin:at]], data[at:]
        at += 2


def joined(pieces, marks):
    out = pieces[0]
    for p, m in zip(pieces[1:], marks):
        out += (bytes([0xFF, 0xD0 + m]) if m is not None else b"") + p
    return out


def jpeg_restarts():
    for base in ("restarts",):
        jpeg = golden(base + ".jpg")
        segments, data = split(jpeg)
        head = jpeg[:2] + b"".join(segments)
        pieces, end = restarts(data)
        n = len(pieces) - 1
        right = [i % 8 for i in range(n)]
        made = lambda marks, p=pieces, e=end: head + joined(p, marks) + e
        yield "sound", made(right)
        yield "all-missing", made([None] * n)
        for i in range(n):
            yield f"missing-{i}", made(right[:i] + [None] + right[i + 1:])
            yield f"one-less-{i}", made(right[:i] + [(right[i] - 1) % 8] + right[i + 1:])
            yield f"one-more-{i}", made(right[:i] + [(right[i] + 1) % 8] + right[i + 1:])
            yield f"far-{i}", made(right[:i] + [(right[i] + 4) % 8] + right[i + 1:])
            yield f"doubled-{i}", head + joined(pieces[:i + 1], right[:i]) + bytes([255, 0xD0 + right[i]]) * 2 + joined(pieces[i + 1:], right[i + 1:]) + end
            yield f"piece-lost-{i}", head + joined(pieces[:i] + pieces[i + 1:], right[:i] + right[i + 1:]) + end
            yield f"piece-empty-{i}", head + joined(pieces[:i] + [b""] + pieces[i + 1:], right) + end
            yield f"piece-cut-{i}", head + joined(pieces[:i] + [pieces[i][:-1]] + pieces[i + 1:], right) + end
            yield f"piece-longer-{i}", head + joined(pieces[:i] + [pieces[i] + b"\x55"] + pieces[i + 1:], right) + end
            yield f"piece-much-longer-{i}", head + joined(pieces[:i] + [pieces[i] + b"\x55" * 9] + pieces[i + 1:], right) + end
            yield f"fill-bytes-{i}", head + joined(pieces[:i + 1], right[:i]) + b"\xff\xff\xff" + bytes([255, 0xD0 + right[i]]) + joined(pieces[i + 1:], right[i + 1:]) + end
        if n > 1:
            yield "swapped", made([right[1], right[0]] + right[2:])
            yield "all-zero", made([0] * n)
            yield "all-one-more", made([(m + 1) % 8 for m in right])
            yield "backwards", made(right[::-1])
        yield "behind-last", head + joined(pieces, right) + bytes([255, 0xD0 + n % 8]) + end
        yield "behind-last-wrong", head + joined(pieces, right) + bytes([255, 0xD0 + (n + 3) % 8]) + end
        dri = [s for s in segments if s[1] == 0xDD][0]
        for v in (0, 1, 2, 3, 100, 65535):
            yield f"interval-{v}", change(jpeg, 0xDD, lambda s, v=v: segment(0xDD, struct.pack(">H", v)))
        yield "interval-not-said", change(jpeg, 0xDD, lambda s: b"")
        yield "interval-said-twice", change(jpeg, 0xDD, lambda s: segment(0xDD, b"\0\7") + s)
        yield "interval-3-bytes", change(jpeg, 0xDD, lambda s: segment(0xDD, dri[4:] + b"\0"))
    for base in ("420", "444", "grey", "CMYK", "progressive"):
        for v in (1, 2, 100):
            yield f"said-but-none-{base}-{v}", with_segment(golden(base + ".jpg"), segment(0xDD, struct.pack(">H", v)))


def jpeg_structure():
    for base in ("420", "422", "444", "grey", "CMYK", "progressive", "restarts"):
        jpeg = golden(base + ".jpg")
        yield f"{base}/sound", jpeg
        yield f"{base}/end-missing", jpeg[:-2]
        yield f"{base}/end-half", jpeg[:-1]
        yield f"{base}/zeros-for-end", jpeg[:-2] + bytes(8)
        yield f"{base}/zeros-behind", jpeg + bytes(50)
        yield f"{base}/letters-behind", jpeg + b"letters"
        yield f"{base}/picture-behind", jpeg + golden("grey.jpg")
        yield f"{base}/zeros-before-end", jpeg[:-2] + bytes(8) + jpeg[-2:]
        yield f"{base}/letters-before-end", jpeg[:-2] + b"letters" + jpeg[-2:]
        yield f"{base}/comment-before-end", jpeg[:-2] + segment(0xFE, b"fox") + jpeg[-2:]
        yield f"{base}/end-twice", jpeg + jpeg[-2:]
        for k in (1, 2, 4, 8, 16, 32):
            yield f"{base}/cut-{k}", jpeg[:-2 - k]
            yield f"{base}/cut-{k}-with-end", jpeg[:-2 - k] + jpeg[-2:]
        yield f"{base}/cut-in-header", jpeg[:60]
        yield f"{base}/scan-empty", jpeg[:2] + b"".join(split(jpeg)[0]) + b"\xff\xd9"
        for k in (3, 10, 20):
            at = len(jpeg) - 2 - k
            yield f"{base}/byte-changed-{k}", jpeg[:at] + bytes([jpeg[at] ^ 0x10 or 1]) + jpeg[at + 1:]
    jpeg = golden("progressive.jpg")
    scans = [i for i in range(len(jpeg) - 1) if jpeg[i:i + 2] in (b"\xff\xda", b"\xff\xc4")]
    for i in scans[1:]:
        yield f"scans/cut-at-{i}", jpeg[:i]
        yield f"scans/cut-at-{i}-with-end", jpeg[:i] + jpeg[-2:]
    jpeg = golden("444.jpg")
    segments, rest = split(jpeg)
    yield "odd/fill-bytes", jpeg[:2] + b"".join(b"\xff\xff\xff" + s for s in segments) + rest
    yield "odd/letters-between", jpeg[:2] + b"letters".join([b""] + segments) + rest
    yield "odd/zeros-between", jpeg[:2] + (bytes(3)).join([b""] + segments) + rest
    yield "odd/letters-at-start", jpeg[:2] + b"letters" + jpeg[2:]
    yield "odd/FF00-between", jpeg[:2] + b"\xff\0".join([b""] + segments) + rest
    yield "odd/zeros-in-front", bytes(4) + jpeg
    yield "odd/SOI-twice", jpeg[:2] + jpeg
    yield "odd/third-byte", jpeg[:2] + b"\0" + jpeg[3:]
    yield "odd/JFIF-missing", change(jpeg, 0xE0, lambda s: b"")
    yield "odd/JFIF-short", change(jpeg, 0xE0, lambda s: segment(0xE0, b"JFIF\0"))
    yield "odd/JFIF-twice", with_segment(jpeg, segments[0])
    yield "odd/APP-length-0", with_segment(jpeg, b"\xff\xe5\0\0")
    yield "odd/APP-length-1", with_segment(jpeg, b"\xff\xe5\0\1")
    yield "odd/APP-empty", with_segment(jpeg, b"\xff\xe5\0\2")
    yield "odd/APP-beyond", with_segment(jpeg, b"\xff\xe5\xff\xff")
    yield "odd/comment", with_segment(jpeg, segment(0xFE, b"fox"))
    yield "odd/tables-missing", change(jpeg, 0xC4, lambda s: b"")
    yield "odd/quantization-missing", change(jpeg, 0xDB, lambda s: b"")
    yield "odd/quantization-short", change(jpeg, 0xDB, lambda s: segment(0xDB, s[4:40]))
    yield "odd/frame-missing", change(jpeg, 0xC0, lambda s: b"")
    yield "odd/frame-twice", change(jpeg, 0xC0, lambda s: s + s)
    for m in (0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD):
        yield f"odd/frame-SOF{m & 15}", change(jpeg, 0xC0, lambda s, m=m: s[:1] + bytes([m]) + s[2:])
    yield "odd/frame-of-12-bits", change(jpeg, 0xC0, lambda s: s[:4] + b"\x0c" + s[5:])
    yield "odd/height-0", change(jpeg, 0xC0, lambda s: s[:5] + b"\0\0" + s[7:])
    yield "odd/width-0", change(jpeg, 0xC0, lambda s: s[:7] + b"\0\0" + s[9:])
    yield "odd/higher-than-it-is", change(jpeg, 0xC0, lambda s: s[:5] + b"\0\x28" + s[7:])
    yield "odd/lower-than-it-is", change(jpeg, 0xC0, lambda s: s[:5] + b"\0\5" + s[7:])
    yield "odd/components-2", change(jpeg, 0xC0, lambda s: segment(0xC0, s[4:9] + b"\2" + s[10:16]))
    yield "odd/ids-RGB", rename(jpeg, b"RGB")
    yield "odd/ids-RGB-without-JFIF", change(rename(jpeg, b"RGB"), 0xE0, lambda s: b"")
    yield "odd/ids-0-1-2", rename(jpeg, b"\0\1\2")
    yield "odd/ids-same", rename(jpeg, b"\1\1\1")
    for t in (0, 1, 2, 3):
        adobe = segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([t]))
        yield f"adobe/444-{t}", with_segment(jpeg, adobe)
        yield f"adobe/444-{t}-without-JFIF", with_segment(change(jpeg, 0xE0, lambda s: b""), adobe)
        yield f"adobe/grey-{t}", with_segment(golden("grey.jpg"), adobe)
        yield f"adobe/CMYK-{t}", with_segment(change(golden("CMYK.jpg"), 0xEE, lambda s: b""), adobe)
    yield "adobe/CMYK-missing", change(golden("CMYK.jpg"), 0xEE, lambda s: b"")
    yield "adobe/short", with_segment(jpeg, segment(0xEE, b"Adobe\0\x64"))
    for h, v in ((1, 1), (2, 1), (1, 2), (2, 2), (4, 1), (1, 4), (3, 1), (4, 4), (0, 1), (5, 1)):
        yield f"sampling/luma-{h}x{v}", change(jpeg, 0xC0, lambda s, b=h << 4 | v: s[:11] + bytes([b]) + s[12:])
        yield f"sampling/chroma-{h}x{v}", change(jpeg, 0xC0, lambda s, b=h << 4 | v: s[:14] + bytes([b]) + s[15:17] + bytes([b]) + s[18:])
    multi = segment(0xE2, b"MPF\0II*\0\x08\0\0\0\0\0\0\0\0\0")
    yield "odd/MPF-empty", with_segment(jpeg, multi)


def rename(jpeg, ids):
    segments, rest = split(jpeg)
    out = jpeg[:2]
    for s in segments:
        s = bytearray(s)
        if s[1] == 0xC0:
            s[10], s[13], s[16] = ids
        if s[1] == 0xDA:
            s[5], s[7], s[9] = ids
        out += bytes(s)
    return out + rest


def jpeg_turned():
    jpeg = golden("420.jpg")
    app1 = lambda data: segment(0xE1, b"Exif\0\0" + data)
    packet = lambda data: segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + data)
    six, upright, three = tiff("<", 3, 6), tiff("<", 3, 1), tiff(">", 4, 3)
    none = tiff("<", 3, 6)[:8] + b"\1\0" + entry("<", 0x100, 3, 1, b"\5\0") + bytes(4)
    for name, data in exifs():
        yield f"exif/{name}", with_segment(jpeg, app1(data))
    segments, rest = split(jpeg)
    yield "exif/last", jpeg[:2] + b"".join(segments[:-1]) + app1(six) + segments[-1] + rest
    yield "exif/behind-frame-and-scan", jpeg[:-2] + app1(six) + jpeg[-2:]
    yield "exif/twice", with_segment(jpeg, app1(six), app1(three))
    yield "exif/in-two-pieces", with_segment(jpeg, app1(six[:20]), app1(six[20:]))
    yield "exif/second-piece-without-prefix", with_segment(jpeg, app1(six[:20]), segment(0xE1, six[20:]))
    yield "exif/prefix-lower-case", with_segment(jpeg, segment(0xE1, b"exif\0\0" + six))
    yield "exif/prefix-one-NUL", with_segment(jpeg, segment(0xE1, b"Exif\0" + six))
    yield "exif/prefix-NUL-FF", with_segment(jpeg, segment(0xE1, b"Exif\0\xff" + six))
    yield "exif/prefix-missing", with_segment(jpeg, segment(0xE1, six))
    yield "exif/in-APP0", with_segment(jpeg, segment(0xE0, b"Exif\0\0" + six))
    yield "exif/in-APP2", with_segment(jpeg, segment(0xE2, b"Exif\0\0" + six))
    yield "exif/in-comment", with_segment(jpeg, segment(0xFE, b"Exif\0\0" + six))
    for name, data in xmps():
        yield f"xmp/{name}", with_segment(jpeg, packet(data))
    data = xmp(b'tiff:Orientation="6"/>')
    yield "xmp/twice", with_segment(jpeg, packet(data), packet(xmp(b'tiff:Orientation="3"/>')))
    yield "xmp/extension", with_segment(jpeg, segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + data))
    yield "xmp/prefix-without-NUL", with_segment(jpeg, segment(0xE1, b"http://ns.adobe.com/xap/1.0/" + data))
    yield "xmp/behind-frame-and-scan", jpeg[:-2] + packet(data) + jpeg[-2:]
    for name, other in (("upright", upright), ("LONG", three), ("none", none), ("of-9", tiff("<", 3, 9)), ("of-letters", tiff("<", 2, 6)), ("empty", b"")):
        yield f"xmp/and-exif-{name}", with_segment(jpeg, app1(other), packet(data))
        yield f"xmp/before-exif-{name}", with_segment(jpeg, packet(data), app1(other))
