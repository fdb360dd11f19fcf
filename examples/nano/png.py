"""PNG in and out, eight bits a channel, with Python's own library only."""
import struct
import zlib

_MAGIC = b"\x89PNG\r\n\x1a\n"


class Picture:
    """Width, height and RGB bytes, row by row."""

    def __init__(self, width, height, rgb):
        if len(rgb) != 3 * width * height:
            raise ValueError(f"{len(rgb)} bytes are no picture of {width}x{height}")
        self.width, self.height, self.rgb = width, height, bytes(rgb)

    def pixel(self, x, y):
        at = 3 * (y * self.width + x)
        return self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]


def _chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def encode(picture):
    row = 3 * picture.width
    raw = b"".join(b"\0" + picture.rgb[y * row:(y + 1) * row] for y in range(picture.height))
    head = struct.pack(">IIBBBBB", picture.width, picture.height, 8, 2, 0, 0, 0)
    return _MAGIC + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(raw, 9)) + _chunk(b"IEND", b"")


def _predict(kind, a, b, c):
    if kind == 4:
        p = a + b - c
        pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
        return a if pa <= pb and pa <= pc else b if pb <= pc else c
    return (0, a, b, (a + b) >> 1)[kind]


def _unfilter(raw, width, height, step):
    row, out, before = width * step, bytearray(), bytearray(width * step)
    for y in range(height):
        kind, line = raw[y * (row + 1)], bytearray(raw[y * (row + 1) + 1:(y + 1) * (row + 1)])
        if kind > 4 or len(line) != row:
            raise ValueError("broken PNG data")
        if kind:
            for i in range(row):
                a = line[i - step] if i >= step else 0
                c = before[i - step] if i >= step else 0
                line[i] = (line[i] + _predict(kind, a, before[i], c)) & 255
        out += line
        before = line
    return out


def decode(data):
    """A Picture of PNG bytes: grey, RGB or RGBA without interlacing; alpha is dropped."""
    if data[:8] != _MAGIC:
        raise ValueError("no PNG")
    at, body, head = 8, b"", None
    while at + 8 <= len(data):
        length, name = struct.unpack(">I4s", data[at:at + 8])
        chunk = data[at + 8:at + 8 + length]
        at += 12 + length
        if name == b"IHDR":
            head = struct.unpack(">IIBBBBB", chunk)
        elif name == b"IDAT":
            body += chunk
        elif name == b"IEND":
            break
    if head is None or head[2] != 8 or head[3] not in (0, 2, 6) or head[6]:
        raise ValueError("a kind of PNG that is not read here")
    width, height, step = head[0], head[1], {0: 1, 2: 3, 6: 4}[head[3]]
    raw = _unfilter(zlib.decompress(body), width, height, step)
    if step == 1:
        raw = bytes(v for v in raw for _ in range(3))
    elif step == 4:
        raw = bytes(v for i, v in enumerate(raw) if i % 4 != 3)
    return Picture(width, height, raw)


def read(path):
    with open(path, "rb") as f:
        return decode(f.read())


def write(path, picture):
    with open(path, "wb") as f:
        f.write(encode(picture))
