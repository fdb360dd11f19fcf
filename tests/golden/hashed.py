"""The numbers of HASHED.md once more, in NumPy: a check that a folder holds what it should.

Shares nothing with hashed.c but the definition.
"""
import json
import os
import struct

import numpy as np

MASK = (1 << 64) - 1
GAMMA = 0x9E3779B97F4A7C15
DEVIATION = 37837.0
WIDTHS = dict(F32=4, BF16=2, F16=2)


def fnv(data, h=0xCBF29CE484222325):
    """FNV-1a, 64 bits."""
    for byte in data:
        h = ((h ^ byte) * 0x100000001B3) & MASK
    return h


def mix(z):
    """The finaliser of splitmix64, of a uint64 array."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def bell(name, seed, count):
    """The first `count` integers of a tensor's stream."""
    start = np.uint64(fnv(name.encode())) ^ mix(np.array([seed], np.uint64))
    z = mix(start + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(GAMMA))
    return z.astype("<u8").view("<u2").reshape(-1, 4).astype(np.int32).sum(1) - 131070


def spread(name, shape):
    """Mean and deviation of a tensor, by its name."""
    parts = name.split(".")
    module, leaf = ".".join(parts[:-1]), parts[-1]
    last = parts[-2].replace("_moe_gen", "")
    if last in ("q_norm", "k_norm"):
        return 1.5, 0.3
    if "norm" in last:
        return (1.0, 0.2) if leaf == "weight" else (0.0, 0.1)
    if last in ("embed_tokens",):
        return 0.0, 1.0
    if last == "position_embedding" or leaf == "pos_embed":
        return 0.0, 0.5
    convolution = parts[0] in ("encoder", "decoder")
    if leaf == "bias":
        return 0.0, 0.1 if convolution or last == "llm2vae" else 0.2
    gains = {"lm_head": 2.0, "time_embedder.mlp.0": 2.0, "time_embedder.mlp.2": 1.5,
             "connector.fc2": 1.5, "encoder.conv_out": 1.5, "decoder.conv_out": 0.9}
    by_last = {"down_proj": 1.5, "patch_embedding": 1.5, "conv1": 1.4}
    gain = 1.0
    for end, value in gains.items():
        if module.endswith(end) and (convolution or "conv_out" not in end):
            gain = value
    gain = by_last.get(last, gain)
    if parts[0] == "vit_model" and last in ("q_proj", "k_proj", "fc2"):
        gain = 1.4
    if convolution and last in ("q", "k"):
        gain = 1.5
    return 0.0, gain / np.sqrt(float(np.prod(shape[1:])))


def make(name, shape, meta, vocabulary):
    """A tensor in float32, as the folder's oracle.json `meta` wants it."""
    count = int(np.prod(shape))
    mean, std = spread(name, shape)
    scale = np.float32(std / DEVIATION)
    x = bell(name, meta["seed"], count).astype(np.float32) * scale + np.float32(mean)
    if name.endswith("patch_embedding.weight") and len(shape) == 4:
        out, channels, rows, columns = shape
        return x.reshape(out, rows, columns, channels).transpose(0, 3, 1, 2)
    x = x.reshape(shape)
    if name == "language_model.lm_head.weight":
        x[vocabulary:] = 0
        x[meta["tokens"]["<|im_end|>"]] *= np.float32(1.5)
    half = shape[0] // 2
    if name == "encoder.conv_out.weight":
        x[half:] *= np.float32(0.3)
    if name == "encoder.conv_out.bias":
        x[half:] -= np.float32(1.5)
    return x


def encode(x, dtype):
    """Bytes of float32 values in a safetensors type; to nearest even."""
    if dtype == "F16":
        return x.astype("<f2").tobytes()
    if dtype == "F32":
        return x.astype("<f4").tobytes()
    u = np.ascontiguousarray(x, "<f4").view("<u4")
    return ((u + 0x7FFF + ((u >> 16) & 1)) >> 16).astype("<u2").tobytes()


def check(folder):
    """Compares every tensor of a folder; returns how many there are."""
    with open(os.path.join(folder, "oracle.json"), encoding="utf-8") as f:
        meta = json.load(f)
    seen = 0
    for file in sorted(os.listdir(folder)):
        if not file.endswith(".safetensors"):
            continue
        with open(os.path.join(folder, file), "rb") as f:
            data = f.read()
        size = struct.unpack("<Q", data[:8])[0]
        for name, t in json.loads(data[8:8 + size]).items():
            begin, end = (8 + size + n for n in t["data_offsets"])
            want = encode(make(name, t["shape"], meta, meta["ids_in_use"]), t["dtype"])
            if want != data[begin:end]:
                raise SystemExit(f"{folder}/{file}: {name} is not what HASHED.md says")
            seen += 1
    return seen
