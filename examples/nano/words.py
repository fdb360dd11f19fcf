"""A byte-level BPE in Qwen2's format, cut down to the words of this world: every word is one token.

Only Python's own library is needed. The split pattern is Qwen2's for what occurs here (letters, blanks, signs).
"""
import json
import os
import random
import re

import world

PAINT_SYSTEM = ("You should first think about the planning process in the mind and then generate the image. \n"
                "The planning process is enclosed within <think> </think> tags, i.e. "
                "<think> planning process here </think> image here")
ANSWER_SYSTEM = ("You should first think about the reasoning process in the mind and then provide the user with the "
                 "answer. \nThe reasoning process is enclosed within <think> </think> tags, i.e. "
                 "<think> reasoning process here </think> answer here")
ADDED = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>",
         "<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>",
         "<|image_pad|>", "<|video_pad|>")
SPLIT = re.compile(r"(?:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\nA-Za-z0-9]?[A-Za-z]+|[0-9]| ?[^\sA-Za-z0-9]+[\r\n]*"
                   r"|\s*[\r\n]+|\s+(?!\S)|\s+")


def byte_map():
    """The printable character that stands for each byte."""
    keep = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    out, n = {b: chr(b) for b in keep}, 0
    for b in range(256):
        if b not in out:
            out[b] = chr(256 + n)
            n += 1
    return out


def corpus(seed=5, n=4000):
    """Texts in which every word of the world occurs."""
    rng = random.Random(seed)
    yield PAINT_SYSTEM
    yield ANSWER_SYSTEM
    for _ in range(n):
        scene = world.make(rng)
        text = world.prompt(rng, scene)[0]
        yield from (text, text[0].upper() + text[1:], "draw " + text, "a picture of " + text)
        yield from world.question(rng, scene)[1:]
        request, plan, _ = world.loose(rng, scene)
        yield from (request, world.thought(plan))
        yield world.edit(rng, rng.choice(world.EDITS))[1]
    for text in ("colour color shape shapes picture a an the is are there one two yes no center centre grey please "
                 "what which where how many describe it in its background and with next beside under over near",):
        yield text
        yield from text.split()
    for word in world.KINDS + world.COLOURS + world.SIZES + world.BACKGROUNDS:
        yield from (word, " " + word, " " + word + "s", word + "?", word + ".", word + ",")


def learn():
    """Merges, in order, after which every piece of the corpus is one token."""
    count, chars = {}, byte_map()
    for text in corpus():
        for piece in SPLIT.findall(text):
            count[piece] = count.get(piece, 0) + 1
    words = {p: [chars[b] for b in p.encode()] for p in sorted(count)}
    merges = []
    while True:
        pairs = {}
        for piece, parts in words.items():
            for pair in zip(parts, parts[1:]):
                pairs[pair] = pairs.get(pair, 0) + count[piece]
        if not pairs:
            return merges
        best = min(pairs, key=lambda p: (-pairs[p], p))
        merges.append(best)
        for parts in words.values():
            i = 0
            while i < len(parts) - 1:
                if (parts[i], parts[i + 1]) == best:
                    parts[i:i + 2] = ["".join(best)]
                i += 1


def kept(path):
    """The tokenizer of one training: learnt once, then kept in this file. Processes may call this at the same time."""
    if not os.path.exists(path):
        own = f"{path}.{os.getpid()}"
        with open(own, "w", encoding="utf-8") as f:
            json.dump(learn(), f)
        os.replace(own, path)
    with open(path, encoding="utf-8") as f:
        return Tokenizer([tuple(m) for m in json.load(f)])


class Tokenizer:
    """Text to ids and back."""

    def __init__(self, merges=None):
        self.merges = merges or learn()
        self.chars = byte_map()
        self.bytes = {c: b for b, c in self.chars.items()}
        # ids in the order of Qwen2's table: bytes by their character, then merges
        self.vocab = {c: i for i, c in enumerate(sorted(self.bytes, key=lambda c: (ord(c) > 255, ord(c))))}
        for a, b in self.merges:
            self.vocab.setdefault(a + b, len(self.vocab))
        self.rank = {m: i for i, m in enumerate(self.merges)}
        self.special = {s: len(self.vocab) + i for i, s in enumerate(ADDED)}
        self.size = len(self.vocab) + len(ADDED)
        self.text = {i: t for t, i in self.vocab.items()}
        self.seen = {}
        self.bos, self.eos = self.special["<|im_start|>"], self.special["<|im_end|>"]
        self.open, self.close = self.special["<|vision_start|>"], self.special["<|vision_end|>"]

    def piece(self, piece):
        parts = [self.chars[b] for b in piece.encode()]
        while len(parts) > 1:
            at = min(range(len(parts) - 1), key=lambda i: self.rank.get((parts[i], parts[i + 1]), 1 << 30))
            if (parts[at], parts[at + 1]) not in self.rank:
                break
            parts[at:at + 2] = [parts[at] + parts[at + 1]]
        return [self.vocab[p] for p in parts]

    def encode(self, text):
        ids = []
        for piece in SPLIT.findall(text):
            if piece not in self.seen:
                self.seen[piece] = self.piece(piece)
            ids += self.seen[piece]
        return ids

    def decode(self, ids):
        raw = bytes(self.bytes[c] for i in ids if i in self.text for c in self.text[i])
        return raw.decode(errors="replace")

    def write(self, folder):
        """vocab.json, merges.txt and tokenizer_config.json of a Qwen2 tokenizer."""
        with open(os.path.join(folder, "vocab.json"), "w", encoding="utf-8") as f:
            json.dump(self.vocab, f, ensure_ascii=False)
            f.write("\n")
        with open(os.path.join(folder, "merges.txt"), "w", encoding="utf-8") as f:
            f.write("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in self.merges))
        added = {str(i): {"content": s, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False,
                          "special": True} for s, i in self.special.items()}
        config = {"add_bos_token": False, "add_prefix_space": False, "added_tokens_decoder": added,
                  "additional_special_tokens": list(ADDED[1:]), "bos_token": None,
                  "clean_up_tokenization_spaces": False, "eos_token": "<|im_end|>", "errors": "replace",
                  "model_max_length": 32768, "pad_token": "<|endoftext|>", "split_special_tokens": False,
                  "tokenizer_class": "Qwen2Tokenizer", "unk_token": None}
        with open(os.path.join(folder, "tokenizer_config.json"), "w", encoding="utf-8") as f:
            json.dump(config, f, indent=1)
            f.write("\n")
