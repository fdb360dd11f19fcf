"""Print what Pillow and the safetensors library make of the odd files, a line each: name and what came of
it, as look.c says it.

    python record.py FOLDER >peers.list

FOLDER is where the files are made. Needs Pillow 13, safetensors 0.8 and numpy. Pillow is asked as the
official code asks it, with the picture turned upright first.
"""
import os
import sys
import warnings

import safetensors
from PIL import Image, ImageOps

sys.dont_write_bytecode = True
import pictures  # noqa: E402
import weights  # noqa: E402


def fnv(data, h=0xCBF29CE484222325):
    for b in data:
        h = ((h ^ b) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return h


def rgb(image):
    """pil_img2rgb of the official code, in other words."""
    if image.mode != "RGBA" and image.info.get("transparency") is None:
        return image.convert("RGB")
    image = image.convert("RGBA")
    white = Image.new("RGB", image.size, (255, 255, 255))
    white.paste(image, mask=image.getchannel("A"))
    return white


def picture(path):
    image = Image.open(path)
    image.load()
    try:
        image = ImageOps.exif_transpose(image)
    except Exception:
        pass  # metadata that make no sense: the official code does not look at them
    image = rgb(image)
    if image.width * image.height > 1000000:
        return f"{image.width}x{image.height} large"
    return f"{image.width}x{image.height} {fnv(image.tobytes()):016x}"


def tensors(path):
    with open(path, "rb") as f:
        all_ = safetensors.deserialize(f.read())
    h = fnv(b"")
    for name, t in sorted((n.encode("utf-8", "surrogatepass"), t) for n, t in all_):
        shape = "".join(f"{d}," for d in t["shape"]).encode()
        h = fnv(name + b"\0" + t["dtype"].encode() + b"\0" + shape + b"\0" + bytes(t["data"]), h)
    return f"{len(all_)} {h:016x}"


def main():
    warnings.simplefilter("ignore")
    for how, files in ((picture, pictures.files()), (tensors, weights.files())):
        for name, data in files:
            path = os.path.join(sys.argv[1], name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as f:
                f.write(data)
            try:
                print(name, how(path), sep="\t")
            except Exception:
                print(name, "-", sep="\t")


if __name__ == "__main__":
    main()
