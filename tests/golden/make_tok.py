"""Makes tests/golden/tok: a small Qwen2 tokenizer, and what transformers' slow class does with it.

    make_tok.py ORACLE OUT

ORACLE is the folder of the oracle's Python files (qwen_tok.py, with its table of Qwen's ranks). OUT gets
vocab.json, merges.txt, tokenizer_config.json (the first RANKS ranks) and cases.json:

    encode   text, its ids, the ids decoded where that is not the text
    decode   random ids, most of them of single bytes, decoded
    cut      names of added tokens, how they strip (left, right), texts and their pieces as [is it a token, text]
    merge    merges in order of rank as [left, right, made] ids, words over a, b, c and their ids

Texts use characters of Unicode 12 and before only: what they are does not depend on a library's version.
"""
import json
import os
import random
import sys
import unicodedata

from transformers import AddedToken, Qwen2Tokenizer

RANKS = 2000
FIRST = 2000
MARKS = [0x300, 0x301, 0x308, 0x323, 0x327, 0x338, 0x345, 0x5b0, 0x5bc, 0x3099, 0x1d165, 0x20dd]
SPACES = [9, 10, 11, 12, 13, 32, 0x85, 0xa0, 0x1680, 0x180e, 0x2000, 0x2003, 0x200a, 0x200b, 0x2028, 0x2029,
          0x202f, 0x205f, 0x3000, 0xfeff, 0x1c, 0x1d, 0x1e, 0x1f, 0]
BLOCKS = [(0x20, 0x7f), (0xa0, 0x250), (0x370, 0x400), (0x400, 0x500), (0x5d0, 0x5eb), (0x620, 0x660),
          (0x900, 0x970), (0xe01, 0xe3b), (0x10a0, 0x10f0), (0x1100, 0x1200), (0x1e00, 0x1f00), (0x2000, 0x2070),
          (0x2150, 0x2190), (0x2460, 0x2500), (0x3041, 0x30ff), (0x4e00, 0x5000), (0xac00, 0xae00),
          (0xf900, 0xfa6e), (0x1d400, 0x1d450), (0x1f600, 0x1f650), (0x20000, 0x20100)]
QUOTES = ["'s", "'S", "'\u017f", "'T", "'re", "'VE", "'lL", "'D", "'m", "''s", "\u2019s", "'"]
ORDER_MATTERS = 8   # this many sets of merges give other ids when merged one by one
AWKWARD = [
    " leading", "trailing ", "a  b   c    d", "x\u180ey", "x\u200by", "x\u2028 y\u0085z", "\x1c\x1d\x1e\x1fq",
    "a\u0315\u0300\u05ae\u0300b", "<|im_end|>\u0338", "<|im_start|>\u0301", "e\u0301<|im_end|>\u0301e",
    "<|im_start|><|im_end|>", "<|im_start|> <|im_end|> ", " \n<|im_end|>\n ", "<<|im_end|>>", "<|im_<|im_end|>",
    "<|im_end|", "|im_end|>", "<tool_call></tool_call><tool_call", "\ufffd\ufffe\uffff\U0010ffff",
    "\u212b\u2126\u1100\u1161\u11a8", "I'll we'RE he'D 'tis", "\r\n\r\n  \r\n x", "!!\n\n??\r\n", "1a2b3c", "\u0660\u0661",
    "'start 'STAR 'Mary 'trees 'LLama 'reset 'Vere 'Dear '\u017ftar", "x'start y'STAR",
] + ["x   " + chr(c) + "!" for c in SPACES]


def random_text(r, names):
    low, high = r.choice(BLOCKS)
    out = []
    for _ in range(r.choice([2, 5, 12, 24])):
        kind = r.randrange(10)
        if kind < 4:
            out.append(chr(r.randrange(low, high)))
        elif kind == 4:
            out.append(chr(r.choice(SPACES)))
        elif kind == 5:
            out.append(chr(r.choice(MARKS)))
        elif kind == 6:
            out.append(r.choice(names))
        elif kind == 7:
            name = r.choice(names)
            out.append(name[:r.randrange(len(name))])
        elif kind == 8:
            out.append(r.choice(QUOTES))
        else:
            low, high = r.choice(BLOCKS)
    text = "".join(out)
    return "".join(c for c in text if unicodedata.category(c) != "Cn")


def encode_cases(r, tok, corpus, names):
    texts = corpus + AWKWARD + [random_text(r, names) for _ in range(150)]
    rows = []
    for text in texts:
        ids = tok.encode(text)
        rows.append(dict(text=text, ids=ids))
        if tok.decode(ids) != text:
            rows[-1]["decoded"] = tok.decode(ids)
    return rows


def decode_cases(r, tok):
    """Ids of single bytes, chosen so that sequences are often almost right."""
    leads = [b for b in range(256) if b >= 0xc0]
    parts = [bytes([b]).decode("latin-1") for b in range(256)]
    ids = {b: tok.encoder[tok.byte_encoder[ord(parts[b])]] for b in range(256)}
    rows = []
    for _ in range(120):
        row = []
        for _ in range(r.choice([1, 2, 4, 9])):
            kind = r.randrange(8)
            if kind < 3:
                row.append(ids[r.choice(leads)])
            elif kind < 6:
                row.append(ids[r.randrange(0x80, 0xc0)])
            elif kind == 6:
                row.append(r.randrange(len(tok)))
            else:
                row += [ids[b] for b in chr(r.choice([0xe9, 0x20ac, 0x1f600])).encode()]
        rows.append(dict(ids=row, decoded=tok.decode(row)))
    return rows


class Pieces(Qwen2Tokenizer):
    """Leaves text between added tokens whole, with a mark before it."""

    def _tokenize(self, text):
        return ["\0" + text]


def cut_cases(r, folder):
    rows = []
    for _ in range(60):
        letters = r.choice(["ab", "abc", "ab <|", "a\u00e9\u2260b ", "ab\u3000 "])
        strips = r.random() < .5
        names = sorted({"".join(r.choice(letters) for _ in range(r.choice([1, 2, 3, 4, 6])))
                        for _ in range(r.choice([1, 3, 8]))})
        flags = [[strips and r.random() < .5, strips and r.random() < .5] for _ in names]
        added = {FIRST + i: AddedToken(n, lstrip=left, rstrip=right, normalized=False, special=False)
                 for i, (n, (left, right)) in enumerate(zip(names, flags))}
        tok = Pieces(os.path.join(folder, "vocab.json"), os.path.join(folder, "merges.txt"), unk_token=None,
                     eos_token=None, pad_token=None, added_tokens_decoder=added)
        tok._update_trie()
        texts = ["".join(r.choice(letters) for _ in range(r.choice([1, 3, 9, 20]))) for _ in range(4)]
        pieces = [[[not p.startswith("\0"), p.lstrip("\0")] for p in tok.tokenize(text)] for text in texts]
        rows.append(dict(names=names, strips=flags, texts=texts, pieces=pieces))
    return rows


def one_by_one(ranks, word):
    """Merges the first pair of lowest rank, and looks again: not what the slow tokenizer does."""
    parts = list(word)
    while True:
        pairs = [(ranks[p], i) for i, p in enumerate(zip(parts, parts[1:])) if p in ranks]
        if not pairs:
            return parts
        i = min(pairs)[1]
        parts[i:i + 2] = [parts[i] + parts[i + 1]]


def merge_row(r, tok):
    """A case, and whether the order of merges matters in it."""
    known, merges = {c: ord(c) for c in "abc"}, []
    for _ in range(r.choice([3, 12, 30])):
        a, b = r.choice(list(known)), r.choice(list(known))
        if (a, b) not in merges and len(a + b) <= 10:
            known.setdefault(a + b, 256 + len(known))
            merges.append((a, b))
    r.shuffle(merges)
    tok.bpe_ranks, tok.cache = {m: i for i, m in enumerate(merges)}, {}
    words = ["".join(r.choice("abc") for _ in range(r.choice([1, 2, 7, 30]))) for _ in range(6)]
    cut = [tok.bpe(w).split(" ") for w in words]
    row = dict(merges=[[known[a], known[b], known[a + b]] for a, b in merges],
               words=[[w, [known[p] for p in parts]] for w, parts in zip(words, cut)])
    return row, cut != [one_by_one(tok.bpe_ranks, w) for w in words]


def merge_cases(r, tok):
    rows = [merge_row(r, tok)[0] for _ in range(20)]
    special = []
    while len(special) < ORDER_MATTERS:
        row, matters = merge_row(r, tok)
        special += [row] * matters
    return rows + special


def end_lines(folder):
    """The oracle's writer leaves the last line of a file open."""
    for name in ("vocab.json", "tokenizer_config.json"):
        with open(os.path.join(folder, name), "a", encoding="ascii") as f:
            f.write("\n")


def main(oracle, out):
    sys.path.insert(0, oracle)
    import qwen_tok
    qwen_tok.write_tokenizer(out, RANKS, fast=False)
    end_lines(out)
    tok = Qwen2Tokenizer.from_pretrained(out)
    names = [n for n, _ in qwen_tok.SPECIAL]
    corpus = [text.replace("@", " at ") for text in qwen_tok.CORPUS]
    r = random.Random(1)
    cases = dict(encode=encode_cases(r, tok, corpus, names), decode=decode_cases(r, tok),
                 cut=cut_cases(r, out), merge=merge_cases(r, tok))
    with open(os.path.join(out, "cases.json"), "w", encoding="ascii") as f:
        f.write("{\n")
        for i, (name, rows) in enumerate(cases.items()):
            f.write(f'"{name}": [\n')
            f.write(",\n".join(json.dumps(row, separators=(",", ":")) for row in rows))
            f.write("\n]" + (",\n" if i + 1 < len(cases) else "\n"))
        f.write("}\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
