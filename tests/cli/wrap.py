#!/usr/bin/env python3
"""wrap.py KIND FROM TO - the model of folder FROM as people wrap BAGEL's fine-tunes, in folder TO.

FROM is a folder as it is published: ema.safetensors, ae.safetensors, configuration and tokenizer. Nothing but Python
is needed. Tensors keep their bytes, but where a kind is one that motcl does not compute with.
"""
import json
import os
import shutil
import struct
import sys

BITS = {"F32": 32, "BF16": 16, "F16": 16, "U8": 8, "I8": 8, "F8_E4M3": 8}
KINDS = {}


def kind(make):
    KINDS[make.__name__.replace("_", "-")] = make
    return make


def read(path):
    """Tensors of a file: name to (type, shape, bytes)."""
    data = open(path, "rb").read()
    n = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + n])
    header.pop("__metadata__", None)
    return {name: (e["dtype"], e["shape"], data[8 + n + e["data_offsets"][0]:8 + n + e["data_offsets"][1]])
            for name, e in header.items()}


def write(path, tensors, metadata=None):
    header, at = {"__metadata__": metadata or {"format": "pt"}}, 0
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for _, _, data in tensors.values():
            f.write(data)


class Model:
    def __init__(self, source, to):
        self.source, self.to = source, to
        self.ema = read(source + "/ema.safetensors")
        self.ae = read(source + "/ae.safetensors")
        os.makedirs(to)

    def path(self, name):
        return os.path.join(self.to, name)

    def others(self, *without):
        """Copies all files but weights and those named."""
        for name in os.listdir(self.source):
            if not name.endswith(".safetensors") and name not in without:
                shutil.copy(os.path.join(self.source, name), self.path(name))

    def write(self, name, tensors, metadata=None):
        write(self.path(name), tensors, metadata)

    def text(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text)

    def config(self, name):
        return json.load(open(os.path.join(self.source, name)))


def shards(m, index, names):
    keys = sorted(m.ema)
    where = {key: names[i * len(names) // len(keys)] for i, key in enumerate(keys)}
    for name in names:
        m.write(name, {k: m.ema[k] for k in keys if where[k] == name})
    if index:
        m.text(index, json.dumps({"metadata": {}, "weight_map": where}))
    m.write("ae.safetensors", m.ae)
    m.others()


NUMBERED = ["model-%05d-of-00003.safetensors" % i for i in (1, 2, 3)]


# ---- what opens ----

@kind
def named(m):
    """Other names for both files, and one that macOS leaves beside them."""
    m.write("Fine-Tune_v2 bf16.safetensors", m.ema)
    m.write("flux1-vae.sft", m.ae)
    m.text("._Fine-Tune_v2 bf16.safetensors", "Mac OS X")
    m.others()


@kind
def indexed(m):
    shards(m, "model.safetensors.index.json", NUMBERED)


@kind
def odd_index(m):
    shards(m, "bagel.index.json", ["a.safetensors", "b.safetensors"])


@kind
def ema_and_model(m):
    """model.safetensors is what was trained on, and gives other pictures."""
    other = dict(m.ema)
    dtype, shape, data = other["llm2vae.bias"]
    other["llm2vae.bias"] = (dtype, shape, data[len(data) // 2:] + data[:len(data) // 2])
    m.write("model.safetensors", other)
    m.write("ema_bf16.safetensors", m.ema)
    m.write("ae.safetensors", m.ae)
    m.others()


@kind
def stale_index(m):
    """An index that was copied with the configuration of the model which was tuned."""
    m.write("model.safetensors", m.ema)
    m.write("ae.safetensors", m.ae)
    m.text("model.safetensors.index.json", json.dumps({"weight_map": {name: "ema.safetensors" for name in m.ema}}))
    m.others()


@kind
def module(m):
    """As torch's wrappers save names; the autoencoder as diffusion models do."""
    m.write("model.safetensors", {"module." + k: v for k, v in m.ema.items()})
    m.write("vae.safetensors", {"first_stage_model." + k: v for k, v in m.ae.items()})
    m.others()


def comfy(m, more):
    about = {"format": "comfyui_bagel", "format_version": 1, "architecture": "Bagel",
             "model_configs": {name: m.config(name) for name in ("llm_config.json", "vit_config.json")}}
    tensors = {"model." + k: v for k, v in m.ema.items()}
    tensors.update({"vae." + k: v for k, v in m.ae.items()})
    m.write("bagel.safetensors", tensors, {"format": "pt", "comfyui_bagel": more(json.dumps(about))})
    m.others("llm_config.json", "vit_config.json", "config.json")


@kind
def single(m):
    """One file with everything but the tokenizer, as ComfyUI has it."""
    comfy(m, lambda about: about)


@kind
def single_other(m):
    """Another epsilon is another model."""
    comfy(m, lambda about: about.replace('"rms_norm_eps": 1e-06', '"rms_norm_eps": 1e-05'))


@kind
def single_damaged(m):
    comfy(m, lambda about: about[:-1])


@kind
def nested(m):
    """Configurations inside config.json."""
    m.write("model.safetensors", m.ema)
    m.write("ae.safetensors", m.ae)
    m.others("llm_config.json", "vit_config.json")
    m.text("config.json", json.dumps({"model_type": "bagel", "llm_config": m.config("llm_config.json"),
                                      "vit_config": m.config("vit_config.json")}))


@kind
def no_tables(m):
    m.write("ema.safetensors", {k: v for k, v in m.ema.items() if not k.endswith("pos_embed.pos_embed")})
    m.write("ae.safetensors", m.ae)
    m.others()


@kind
def added(m):
    """Sixteen more rows of vocabulary, and names for two of them."""
    config = m.config("llm_config.json")
    rows = config["vocab_size"]
    config["vocab_size"] = rows + 16
    for name in ("language_model.model.embed_tokens.weight", "language_model.lm_head.weight"):
        dtype, shape, data = m.ema[name]
        m.ema[name] = (dtype, [shape[0] + 16, shape[1]], data + data[:16 * (len(data) // shape[0])])
    tokens = m.config("tokenizer_config.json")
    for i, name in enumerate(("<image_start>", "<image_end>")):
        tokens["added_tokens_decoder"][str(rows + i)] = {"content": name, "special": True}
    m.write("model.safetensors", m.ema)
    m.write("ae.safetensors", m.ae)
    m.others("llm_config.json", "tokenizer_config.json")
    m.text("llm_config.json", json.dumps(config))
    m.text("tokenizer_config.json", json.dumps(tokens))


def published_tensors():
    """Name and shape of all tensors of BAGEL-7B-MoT but the autoencoder's."""
    hidden, inner, keys, head, rows = 3584, 18944, 512, 128, 152064
    yield "language_model.model.embed_tokens.weight", [rows, hidden]
    yield "language_model.lm_head.weight", [rows, hidden]
    for e in ("", "_moe_gen"):
        yield "language_model.model.norm%s.weight" % e, [hidden]
        for i in range(28):
            layer = "language_model.model.layers.%d." % i
            for name, out in (("q", hidden), ("k", keys), ("v", keys)):
                yield layer + "self_attn.%s_proj%s.weight" % (name, e), [out, hidden]
                yield layer + "self_attn.%s_proj%s.bias" % (name, e), [out]
            yield layer + "self_attn.o_proj%s.weight" % e, [hidden, hidden]
            for name in ("q", "k"):
                yield layer + "self_attn.%s_norm%s.weight" % (name, e), [head]
            for name in ("input", "post_attention"):
                yield layer + "%s_layernorm%s.weight" % (name, e), [hidden]
            for name in ("gate", "up"):
                yield layer + "mlp%s.%s_proj.weight" % (e, name), [inner, hidden]
            yield layer + "mlp%s.down_proj.weight" % e, [hidden, inner]

    def linear(name, out, into):
        return [(name + ".weight", [out, into]), (name + ".bias", [out])]

    def norm(name):
        return [(name + ".weight", [1152]), (name + ".bias", [1152])]

    yield from linear("vae2llm", hidden, 64)
    yield from linear("llm2vae", 64, hidden)
    yield from linear("time_embedder.mlp.0", hidden, 256)
    yield from linear("time_embedder.mlp.2", hidden, hidden)
    yield from linear("connector.fc1", hidden, 1152)
    yield from linear("connector.fc2", hidden, hidden)
    vision = "vit_model.vision_model."
    yield from linear(vision + "embeddings.patch_embedding", 1152, 588)
    yield vision + "embeddings.position_embedding.weight", [4900, 1152]
    yield from norm(vision + "post_layernorm")
    for i in range(26):
        layer = vision + "encoder.layers.%d." % i
        yield from norm(layer + "layer_norm1")
        yield from norm(layer + "layer_norm2")
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            yield from linear(layer + "self_attn." + name, 1152, 1152)
        yield from linear(layer + "mlp.fc1", 4304, 1152)
        yield from linear(layer + "mlp.fc2", 1152, 4304)


@kind
def published(m):
    """The sizes of BAGEL-7B-MoT without a configuration, and a file that takes no room, as all of it is zero."""
    header, at = {}, 0
    for name, shape in published_tensors():
        size = 2 * shape[0] * (shape[1] if len(shape) > 1 else 1)
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    with open(m.path("bagel.safetensors"), "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        f.truncate(8 + len(text) + at)
    m.write("ae.safetensors", m.ae)
    m.others("llm_config.json", "vit_config.json", "config.json", "motcl.json")


# ---- what is named ----

def with_weights(m, name, content, mode="wb"):
    with open(m.path(name), mode) as f:
        f.write(content)
    if name != "ae.safetensors":
        m.write("ae.safetensors", m.ae)
    m.others()


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 29214471338\n"


@kind
def lfs(m):
    with_weights(m, "ema.safetensors", POINTER)


@kind
def lfs_autoencoder(m):
    m.write("ema.safetensors", m.ema)
    with_weights(m, "ae.safetensors", POINTER)


@kind
def lfs_but_model(m):
    """What is taken does not change because a file did not come."""
    m.write("model.safetensors", m.ema)
    with_weights(m, "ema.safetensors", POINTER)


@kind
def html(m):
    with_weights(m, "ema.safetensors", b"<!DOCTYPE html>\n<html><head><title>Log in</title></head></html>\n")


@kind
def denied(m):
    with_weights(m, "model.safetensors", b"Access to this model is restricted. You must be authenticated.\n")


@kind
def lfs_tokenizer(m):
    m.write("ema.safetensors", m.ema)
    m.write("ae.safetensors", m.ae)
    m.others("vocab.json")
    m.text("vocab.json", POINTER.decode())


@kind
def html_config(m):
    m.write("ema.safetensors", m.ema)
    m.write("ae.safetensors", m.ae)
    m.others("llm_config.json")
    m.text("llm_config.json", "<!doctype html>\n<html></html>\n")


@kind
def gguf(m):
    with_weights(m, "bagel-Q4_K_M.gguf", b"GGUF\3\0\0\0" + b"\0" * 64)


@kind
def pickled(m):
    with_weights(m, "pytorch_model.bin", b"PK\3\4\0\0\x08\x08\0\0" + b"\0" * 64)


@kind
def cut(m):
    m.write("whole", m.ema)
    data = open(m.path("whole"), "rb").read()
    os.remove(m.path("whole"))
    with_weights(m, "ema.safetensors", data[:len(data) * 2 // 3])


@kind
def cut_header(m):
    m.write("whole", m.ema)
    data = open(m.path("whole"), "rb").read(4096)
    os.remove(m.path("whole"))
    with_weights(m, "ema.safetensors", data)


@kind
def unfinished(m):
    os.makedirs(m.path(".cache/huggingface/download"))
    with_weights(m, ".cache/huggingface/download/5Xf.incomplete", b"\0" * 100)


@kind
def no_index(m):
    shards(m, None, NUMBERED)


@kind
def missing_shards(m):
    shards(m, "model.safetensors.index.json", NUMBERED)
    os.remove(m.path(NUMBERED[0]))
    os.remove(m.path(NUMBERED[2]))


def quantised(m, change, name="model.safetensors"):
    """Each matrix of the decoder's layers in another form."""
    tensors = {}
    for key, value in m.ema.items():
        if key.startswith("language_model.model.layers.") and len(value[1]) == 2:
            tensors.update(change(key, value))
        else:
            tensors[key] = value
    m.write(name, tensors)
    m.write("ae.safetensors", m.ae)
    m.others()


def bytes_of(value):
    return b"\1" * (len(value[2]) * 8 // BITS[value[0]])


@kind
def fp8(m):
    quantised(m, lambda k, v: {k: ("F8_E4M3", v[1], bytes_of(v))}, "ema-FP8.safetensors")


@kind
def fp8_beside(m):
    """The other files of the folder can be used."""
    fp8(m)
    m.write("model.safetensors", m.ema)


@kind
def int8(m):
    quantised(m, lambda k, v: {k: ("I8", v[1], bytes_of(v)), k + "_scale": ("F32", [1], b"\0" * 4)},
              "model_int8.safetensors")


@kind
def nf4(m):
    def change(k, v):
        half = bytes_of(v)[::2]
        return {k: ("U8", [len(half), 1], half), k + ".absmax": ("F32", [1], b"\0" * 4),
                k + ".quant_state.bitsandbytes__nf4": ("U8", [2], b"{}")}
    quantised(m, change)


@kind
def df11(m):
    def change(k, v):
        data = bytes_of(v)
        base = k[:-len(".weight")]
        return {base + ".encoded_exponent": ("U8", [len(data)], data), base + ".luts": ("U8", [1, 256], b"\0" * 256),
                base + ".sign_mantissa": ("U8", [len(data)], data)}
    quantised(m, change)


@kind
def odd_table(m):
    """Five rows are no square."""
    dtype, shape, data = m.ema["llm2vae.weight"]
    width = shape[1]
    size = BITS[dtype] // 8
    m.ema["latent_pos_embed.pos_embed"] = (dtype, [5, width], b"\0" * (5 * width * size))
    m.write("ema.safetensors", m.ema)
    m.write("ae.safetensors", m.ae)
    m.others()


@kind
def hollow_table(m):
    """So many rows of nothing: a file says so in a few bytes."""
    name = "vit_model.vision_model.embeddings.position_embedding.weight"
    m.ema[name] = (m.ema[name][0], [4096 * 4096, 0], b"")
    m.write("ema.safetensors", m.ema)
    m.write("ae.safetensors", m.ae)
    m.others()


@kind
def no_config(m):
    m.write("ema.safetensors", m.ema)
    m.write("ae.safetensors", m.ae)
    m.others("llm_config.json", "config.json")


@kind
def autoencoder_only(m):
    m.write("ae.safetensors", m.ae)
    m.others()


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in KINDS:
        sys.exit("usage: wrap.py KIND FROM TO, of " + ", ".join(KINDS))
    KINDS[sys.argv[1]](Model(sys.argv[2], sys.argv[3]))


main()
