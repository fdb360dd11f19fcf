"""Odd weights: `files()` gives (name, bytes) of small safetensors files, each of which departs from a
sound one in the one thing that its name says. Nothing but Python is needed.
"""
import json
import struct

BITS = {"BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8,
        "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32,
        "I64": 64, "U64": 64, "F64": 64, "C64": 64}


def made(header, data=b"", length=None):
    header = header.encode() if isinstance(header, str) else header
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def tensor(dtype="F32", shape=(2,), at=(0, 8), **more):
    return dict({"dtype": dtype, "shape": list(shape), "data_offsets": list(at)}, **more)


def one(data=bytes(range(8)), metadata=None, **entry):
    whole = {"a": tensor(**entry)}
    if metadata is not None:
        whole = dict({"__metadata__": metadata}, **whole)
    return made(json.dumps(whole), data)


def text(inside, data=bytes(range(8))):
    """`inside` in place of the tensor's members."""
    return made('{"a":{' + inside + "}}", data)


def headers():
    sound = json.dumps({"a": tensor()})
    data = bytes(range(8))
    yield "sound", made(sound, data)
    for name, c in (("blank", " "), ("newline", "\n"), ("tab", "\t"), ("return", "\r"), ("NUL", "\0"), ("letter", "x"),
                    ("bom", "\ufeff"), ("form-feed", "\f"), ("no-break-space", "\u00a0")):
        yield f"{name}-in-front", made(c + sound, data)
        yield f"{name}-behind", made(sound + c, data)
        yield f"{name}-inside", made("{" + c + sound[1:], data)
    yield "seven-blanks-behind", made(sound + " " * 7, data)
    yield "seven-NULs-behind", made(sound + "\0" * 7, data)
    yield "second-object-behind", made(sound + "{}", data)
    yield "length-0", made("", data)
    yield "length-less", made(sound, data, len(sound) - 1)
    yield "length-more", made(sound, data, len(sound) + 1)
    yield "length-all", made(sound, b"", len(sound))
    yield "length-beyond", made(sound, data, 10000)
    yield "length-100-MB", made(sound, data, 100_000_001)
    yield "length-largest", made(sound, data, (1 << 64) - 1)
    yield "empty-file", b""
    yield "seven-bytes", bytes(7)
    yield "eight-bytes", bytes(8)
    yield "empty-object", made("{}")
    yield "empty-object-with-data", made("{}", data)
    yield "empty-metadata", made('{"__metadata__":{}}')
    yield "array", made("[]")
    yield "null", made("null")
    yield "string", made('"a"')
    yield "bad-UTF-8", made(b'{"a\xff":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', data)
    yield "latin-1", made(b'{"caf\xe9":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', data)
    yield "UTF-16", made(sound.encode("utf-16"), data)
    yield "trailing-comma", made(sound[:-1] + ",}", data)
    yield "apostrophes", made(sound.replace('"', "'"), data)
    yield "comment", made("/* */" + sound, data)
    yield "deep", made('{"a":' + "[" * 200 + "]" * 200 + "}")
    yield "deep-metadata", made('{"__metadata__":' + '{"a":' * 200 + '"b"' + "}" * 200 + "}")


def metadata():
    for name, value in (("string", "x"), ("null", None), ("number", 1), ("list", []), ("empty", {}), ("text", {"format": "pt"}),
                        ("of-number", {"a": 1}), ("of-null", {"a": None}), ("of-object", {"a": {}}), ("of-list", {"a": []}),
                        ("of-true", {"a": True}), ("empty-key", {"": "x"}), ("empty-value", {"a": ""}), ("astral", {"a": "\U0001f98a"})):
        yield name, made(json.dumps({"__metadata__": value, "a": tensor()}), bytes(range(8)))
    behind = lambda inside: made('{"__metadata__":{' + inside + '},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', bytes(range(8)))
    yield "u0000", behind(r'"a":"x\u0000y"')
    yield "u0000-in-key", behind(r'"a\u0000b":"x"')
    yield "u0000-key-alone", behind(r'"\u0000":"x"')
    yield "u0000-after-backslash", behind(r'"a":"x\\u0000y"')
    yield "u0000-after-two-backslashes", behind(r'"a":"x\\\u0000y"')
    yield "NUL", behind('"a":"x\0y"')
    yield "control", behind('"a":"x\1y"')
    yield "newline", behind('"a":"x\ny"')
    yield "escaped-newline", behind(r'"a":"x\ny"')
    yield "lone-surrogate", behind(r'"a":"\ud83e"')
    yield "lone-low-surrogate", behind(r'"a":"\udd8a"')
    yield "surrogates", behind(r'"a":"\ud83e\udd8a"')
    yield "surrogates-backwards", behind(r'"a":"\udd8a\ud83e"')
    yield "escape-unknown", behind(r'"a":"\q"')
    yield "escape-slash", behind(r'"a":"\/"')
    yield "noncharacter", behind(r'"a":"\uffff"')
    yield "key-twice", behind('"a":"x","a":"y"')
    yield "long", behind('"a":"' + "x" * 100000 + '"')
    yield "last", made('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"__metadata__":{"a":"b"}}', bytes(range(8)))
    yield "twice", made('{"__metadata__":{"a":"b"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"__metadata__":{"a":"c"}}', bytes(range(8)))
    yield "alone", made('{"__metadata__":{"a":"b"}}')


def entries():
    good = '"dtype":"F32","shape":[2],"data_offsets":[0,8]'
    yield "sound", text(good)
    yield "member-more", text(good + ',"more":1')
    yield "member-more-null", text(good + ',"more":null')
    yield "member-twice", text(good + ',"dtype":"F32"')
    yield "shape-twice", text('"shape":[1],' + good)
    yield "member-escaped", text(good.replace("dtype", r"d\u0074ype"))
    yield "order", text('"data_offsets":[0,8],"shape":[2],"dtype":"F32"')
    for name in ("dtype", "shape", "data_offsets"):
        whole = tensor()
        del whole[name]
        yield f"no-{name}", made(json.dumps({"a": whole}), bytes(range(8)))
        whole[name] = None
        yield f"{name}-null", made(json.dumps({"a": whole}), bytes(range(8)))
    for name, value in (("null", None), ("list", []), ("object", {}), ("string", "F32"), ("number", 3)):
        yield f"entry-{name}", made(json.dumps({"a": value}), b"")
    yield "entry-as-list", made('{"a":["F32",[2],[0,8]]}', bytes(range(8)))
    yield "tensor-twice", made('{"a":{' + good + '},"a":{' + good + "}}", bytes(range(8)))
    yield "tensor-twice-other-place", made('{"a":{' + good + '},"a":{' + good.replace("[0,8]", "[8,16]") + "}}", bytes(range(16)))
    for name, key in (("empty", ""), ("u0000", "a\0b"), ("slash", "a/b"), ("blank", "a b"), ("astral", "\U0001f98a"), ("newline", "a\nb"),
                      ("long", "a" * 5000), ("metadata-like", "__metadata"), ("dots", "..")):
        yield f"name-{name}", made(json.dumps({key: tensor()}), bytes(range(8)))
    yield "name-lone-surrogate", made(r'{"\ud83e":{' + good + "}}", bytes(range(8)))
    yield "two-names-one-after-NUL", made('{"a":{' + good + r'},"a\u0000b":{' + good.replace("[0,8]", "[8,16]") + "}}", bytes(range(16)))
    for name, bits in BITS.items():
        n = 8
        yield f"type/{name}", one(data=bytes(range(n * bits // 8)), dtype=name, shape=(n,), at=(0, n * bits // 8))
        yield f"type/{name}-of-1", one(data=bytes(max(bits // 8, 1)), dtype=name, shape=(1,), at=(0, max(bits // 8, 1)))
    for name in ("f32", "F128", "", "float32", "F32 ", "F8_E3M4", "I4", "U4", "C128", "I2", "F8", "Bool"):
        yield f"type/unknown-{name or 'empty'}", one(dtype=name)
    yield "type/number", text('"dtype":1,"shape":[2],"data_offsets":[0,8]')
    yield "type/u0000", text(r'"dtype":"F32\u0000","shape":[2],"data_offsets":[0,8]')


def shapes():
    def with_shape(shape, data=bytes(range(8)), at="[0,8]", dtype="F32"):
        return text(f'"dtype":"{dtype}","shape":{shape},"data_offsets":{at}', data)
    yield "none", with_shape("[]", bytes(4), "[0,4]")
    yield "none-of-none", with_shape("[]", b"", "[0,0]")
    yield "zero", with_shape("[0]", b"", "[0,0]")
    yield "zero-of-some", with_shape("[0]")
    yield "zero-and-2", with_shape("[0,2]", b"", "[0,0]")
    yield "zero-and-largest", with_shape("[0,18446744073709551615]", b"", "[0,0]")
    yield "largest-and-zero", with_shape("[18446744073709551615,18446744073709551615,0]", b"", "[0,0]")
    yield "above-2-63-and-zero", with_shape("[9223372036854775808,0]", b"", "[0,0]")
    yield "wraps", with_shape("[4611686018427387904,4]", b"", "[0,0]")
    yield "bytes-wrap", with_shape("[4611686018427387904]", b"", "[0,0]")
    yield "negative", with_shape("[-2]")
    yield "minus-0", with_shape("[-0]", b"", "[0,0]")
    yield "float", with_shape("[2.0]")
    yield "exponent", with_shape("[2e0]")
    yield "leading-zero", with_shape("[02]")
    yield "plus", with_shape("[+2]")
    yield "string", with_shape('["2"]')
    yield "true", with_shape("[true,2]")
    yield "nested", with_shape("[[2]]")
    yield "number", with_shape("2")
    yield "too-large", with_shape("[18446744073709551616]")
    yield "less-than-there-is", with_shape("[1]")
    yield "more-than-there-is", with_shape("[3]")
    for n in (7, 8, 9, 16, 32, 100, 1000):
        yield f"dimensions-{n}", with_shape("[" + "1," * (n - 1) + "2]")
    yield "sub-byte-odd", with_shape("[3]", bytes(2), "[0,2]", "F4")
    yield "sub-byte-rounded-down", with_shape("[3]", bytes(1), "[0,1]", "F4")


def places():
    def two(a, b, data, dtypes=("F32", "F32"), shapes_=((2,), (1,))):
        return made(json.dumps({"a": tensor(dtypes[0], shapes_[0], a), "b": tensor(dtypes[1], shapes_[1], b)}), data)
    data = bytes(range(12))
    yield "sound", two((0, 8), (8, 12), data)
    yield "other-order", two((4, 12), (0, 4), data)
    yield "gap", two((0, 8), (12, 16), bytes(16))
    yield "gap-in-front", two((4, 12), (12, 16), bytes(16))
    yield "overlap", two((0, 8), (4, 8), bytes(8))
    yield "same", two((0, 8), (0, 8), bytes(8), shapes_=((2,), (2,)))
    yield "bytes-behind", two((0, 8), (8, 12), bytes(13))
    yield "data-cut", two((0, 8), (8, 12), bytes(11))
    yield "no-data", two((0, 8), (8, 12), b"")
    yield "backwards", one(at=(8, 0))
    yield "negative", one(at=(-8, 0))
    yield "of-three", one(at=(0, 8, 16))
    yield "of-one", one(at=(8,))
    yield "of-none", one(at=())
    yield "floats", text('"dtype":"F32","shape":[2],"data_offsets":[0.0,8.0]')
    yield "strings", text('"dtype":"F32","shape":[2],"data_offsets":["0","8"]')
    yield "minus-0", text('"dtype":"F32","shape":[2],"data_offsets":[-0,8]')
    yield "beyond-2-63", text('"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775816]')
    yield "beyond-2-64", text('"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551624]')
    yield "number", text('"dtype":"F32","shape":[2],"data_offsets":8')
    yield "empty-first", two((0, 0), (0, 4), bytes(4), shapes_=((0,), (1,)))
    yield "empty-last", two((0, 8), (8, 8), bytes(8), shapes_=((2,), (0,)))
    yield "empty-in-the-middle", two((0, 8), (4, 4), bytes(8), shapes_=((2,), (0,)))
    yield "empty-beyond", two((0, 8), (9, 9), bytes(8), shapes_=((2,), (0,)))
    yield "two-empty", two((0, 0), (0, 0), b"", shapes_=((0,), (0,)))
    yield "unaligned", two((0, 1), (1, 5), bytes(5), ("U8", "F32"), ((1,), (1,)))


def files():
    for room, all_ in (("header", headers), ("metadata", metadata), ("entry", entries), ("shape", shapes), ("place", places)):
        for name, data in all_():
            yield f"weights/{room}/{name}.safetensors", data
