"""Which way is up: odd EXIF directories and XMP packets, as PNG and JPEG files hold them."""
import struct

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
NAMES = {1: "BYTE", 2: "ASCII", 3: "SHORT", 4: "LONG", 5: "RATIONAL", 6: "SBYTE", 7: "UNDEFINED", 8: "SSHORT", 9: "SLONG",
         10: "SRATIONAL", 11: "FLOAT", 12: "DOUBLE", 13: "IFD", 16: "LONG8", 17: "SLONG8", 18: "IFD8"}
FORMATS = {1: "B", 3: "H", 4: "I", 6: "b", 7: "B", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I", 16: "Q", 17: "q", 18: "Q"}


def value_of(order, kind, v):
    if kind in (5, 10):
        return struct.pack(order + ("II" if kind == 5 else "ii"), v, 1)
    if kind == 2:
        return str(v).encode()
    return struct.pack(order + FORMATS.get(kind, "I"), v)


def entry(order, tag, kind, count, value):
    return struct.pack(order + "HHI", tag, kind, count) + value.ljust(4, b"\0")[:4]


def tiff(order, kind, v, count=None, values=None, head=None, entries=None, before=(), after=(), offset=8, tail=bytes(4)):
    """A directory with an orientation; values that do not fit lie behind it."""
    values = value_of(order, kind, v) if values is None else values
    count = (len(values) // SIZES.get(kind, 4) if count is None else count)
    mine = before, after
    n = len(mine[0]) + len(mine[1]) + 1
    beyond = b""
    if len(values) > 4:
        beyond, values = values, struct.pack(order + "I", offset + 2 + 12 * n + len(tail))
    head = (b"II*\0" if order == "<" else b"MM\0*") if head is None else head
    body = b"".join(mine[0]) + entry(order, 0x112, kind, count, values) + b"".join(mine[1])
    return (head + struct.pack(order + "I", offset)).ljust(offset, b"\0") + struct.pack(order + "H", n if entries is None else entries) + \
        body + tail + beyond


def exifs():
    for order, name in (("<", "little"), (">", "big")):
        for kind in sorted(NAMES) + [0, 14, 99]:
            yield f"{name}-{NAMES.get(kind, kind)}", tiff(order, kind, 6)
        for kind in (1, 3, 4):
            for v in (0, 1, 8, 9, 255):
                yield f"{name}-{NAMES[kind]}-of-{v}", tiff(order, kind, v)
        yield f"{name}-LONG-of-65542", tiff(order, 4, 65542)
        yield f"{name}-LONG-of-393216", tiff(order, 4, 393216)
        for kind in (1, 3, 4, 5):
            yield f"{name}-{NAMES[kind]}-count-0", tiff(order, kind, 6, count=0)
            yield f"{name}-{NAMES[kind]}-count-2", tiff(order, kind, 6, values=value_of(order, kind, 6) + value_of(order, kind, 3))
            yield f"{name}-{NAMES[kind]}-count-3", tiff(order, kind, 6, values=value_of(order, kind, 6) + value_of(order, kind, 3) * 2)
            yield f"{name}-{NAMES[kind]}-count-5", tiff(order, kind, 6, values=value_of(order, kind, 6) + value_of(order, kind, 3) * 4)
            yield f"{name}-{NAMES[kind]}-count-huge", tiff(order, kind, 6, count=1 << 30)
        width = entry(order, 0x100, 3, 1, value_of(order, 3, 5))
        other = entry(order, 0x112, 3, 1, value_of(order, 3, 3))
        long_ = entry(order, 0x10E, 2, 1000, struct.pack(order + "I", 900))
        yield f"{name}-behind-another-tag", tiff(order, 3, 6, before=(width,))
        yield f"{name}-unsorted", tiff(order, 3, 6, before=(entry(order, 0x131, 3, 1, value_of(order, 3, 1)),), after=(width,))
        yield f"{name}-twice", tiff(order, 3, 6, after=(other,))
        yield f"{name}-behind-a-tag-that-is-cut", tiff(order, 3, 6, before=(long_,))
        yield f"{name}-in-front-of-a-tag-that-is-cut", tiff(order, 3, 6, after=(long_,))
        yield f"{name}-more-entries-than-there-are", tiff(order, 3, 6, entries=9)
        yield f"{name}-no-entries", tiff(order, 3, 6, entries=0)
        yield f"{name}-without-next", tiff(order, 3, 6, tail=b"")
        yield f"{name}-next-cut", tiff(order, 3, 6, tail=b"\0\0")
        yield f"{name}-value-cut", tiff(order, 3, 6, tail=b"")[:-3]
        yield f"{name}-directory-further-on", tiff(order, 3, 6, offset=40)
        yield f"{name}-directory-at-odd-place", tiff(order, 3, 6, offset=41)
        yield f"{name}-directory-beyond", tiff(order, 3, 6)[:4] + struct.pack(order + "I", 500) + tiff(order, 3, 6)[8:]
        yield f"{name}-second-directory", ((b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, 1) + width +
                                           struct.pack(order + "I", 26) + tiff(order, 3, 6)[8:])
    yield "head-MM-little", tiff(">", 3, 6, head=b"MM*\0")
    yield "head-II-big", tiff("<", 3, 6, head=b"II\0*")
    yield "head-II-43", b"II+\0\x08\0\0\0" + struct.pack("<QQHHQH6xQ", 16, 1, 0x112, 3, 1, 6, 0)
    yield "head-MM-43", b"MM\0+\0\x08\0\0" + struct.pack(">QQHHQH6xQ", 16, 1, 0x112, 3, 1, 6, 0)
    yield "head-lower-case", tiff("<", 3, 6, head=b"ii*\0")
    yield "head-panasonic", tiff("<", 3, 6, head=b"IIU\0")
    yield "head-olympus", tiff("<", 3, 6, head=b"IIRO")
    yield "empty", b""
    yield "head-only", b"II*\0\x08\0\0\0"
    yield "head-cut", b"II*\0"
    yield "prefix-twice", b"Exif\0\0" + tiff("<", 3, 6)
    yield "prefix-thrice", b"Exif\0\0Exif\0\0" + tiff("<", 3, 6)
    yield "letters", b"no directory at all, letters"


def xmp(inside, begin=b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description '):
    return begin + inside + b"</rdf:RDF></x:xmpmeta>"


def xmps():
    yield "attribute", xmp(b'tiff:Orientation="6"/>')
    yield "element", xmp(b"><tiff:Orientation>6</tiff:Orientation></rdf:Description>")
    yield "apostrophes", xmp(b"tiff:Orientation='6'/>")
    yield "blanks-at-equals", xmp(b'tiff:Orientation = "6"/>')
    yield "blank-in-quotes", xmp(b'tiff:Orientation=" 6"/>')
    yield "newline-in-element", xmp(b"><tiff:Orientation>\n6</tiff:Orientation></rdf:Description>")
    yield "element-with-attribute", xmp(b'><tiff:Orientation rdf:datatype="int">6</tiff:Orientation></rdf:Description>')
    yield "other-prefix", xmp(b'exif:Orientation="6"/>')
    yield "longer-name", xmp(b'xtiff:Orientation="6"/>')
    yield "of-0", xmp(b'tiff:Orientation="0"/>')
    yield "of-1", xmp(b'tiff:Orientation="1"/>')
    yield "of-8", xmp(b'tiff:Orientation="8"/>')
    yield "of-9", xmp(b'tiff:Orientation="9"/>')
    yield "of-63", xmp(b'tiff:Orientation="63"/>')
    yield "of-letters", xmp(b'tiff:Orientation="six"/>')
    yield "empty-then-6", xmp(b'tiff:Orientation=""/><a tiff:Orientation="6"/>')
    yield "two-values", xmp(b'tiff:Orientation="6"/><a tiff:Orientation="3"/>')
    yield "no-XML", b'tiff:Orientation="6"'
    yield "NUL-in-front", b'\0tiff:Orientation="6"'
    yield "NUL-between", xmp(b'a="\0" tiff:Orientation="6"/>')
    yield "bad-UTF-8", xmp(b'a="\xff" tiff:Orientation="6"/>')
    yield "UTF-16", '<a tiff:Orientation="6"/>'.encode("utf-16")
    yield "bom", b"\xef\xbb\xbf" + xmp(b'tiff:Orientation="6"/>')
    yield "empty", b""
