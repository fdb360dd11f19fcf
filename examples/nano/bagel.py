"""BAGEL in the small, in PyTorch, for training: MoT decoder, SigLIP-style encoder, bridges.

What it computes is doc/model.md, 5 and 6; how rows of samples are masked and positioned is
doc/training.md, 2. Tokens of the two experts are kept in two matrices and meet in attention only.
"""
import dataclasses
import math

import torch
from torch import nn
from torch.nn import functional as F


@dataclasses.dataclass
class Sizes:
    hidden: int = 192
    layers: int = 6
    heads: int = 6
    kv_heads: int = 2
    inner: int = 512
    vocab: int = 704
    theta: float = 1e4
    eps: float = 1e-6
    vit: int = 192
    vit_layers: int = 4
    vit_heads: int = 6
    vit_inner: int = 512
    patch: int = 16
    side: int = 64  # of a picture, in pixels
    latent: int = 64  # numbers in a latent token
    max_latent: int = 64
    max_vit: int = 70

    @property
    def head(self):
        return self.hidden // self.heads


def table(side, width):
    """The frozen sin-cos table [side * side, width]: columns in the first half, rows in the second."""
    quarter = width // 4
    omega = 10000.0 ** (-torch.arange(quarter, dtype=torch.float64) / quarter)
    angle = torch.arange(side, dtype=torch.float64)[:, None] * omega
    one = torch.cat([angle.sin(), angle.cos()], 1)
    return torch.cat([one.repeat(side, 1), one.repeat_interleave(side, 0)], 1).float()


def table_part(side, per_side, width):
    """The table's rows for a picture of side x side cells, [side * side, width]."""
    at = torch.arange(side)
    return table(per_side, width)[(at[:, None] * per_side + at[None]).flatten()]


def wave(t):
    """Timesteps [n] in 0..1 to [n, 256]."""
    f = torch.exp(-math.log(10000) * torch.arange(128, dtype=torch.float32, device=t.device) / 128)
    a = t[:, None] * f
    return torch.cat([a.cos(), a.sin()], 1)


class Pick(torch.autograd.Function):
    """Rows of x at places that differ; the gradient is laid there, which is quicker than adding."""

    @staticmethod
    def forward(ctx, x, places):
        ctx.save_for_backward(places)
        ctx.rows = len(x)
        return x.index_select(0, places)

    @staticmethod
    def backward(ctx, g):
        return g.new_zeros(ctx.rows, *g.shape[1:]).index_copy_(0, ctx.saved_tensors[0], g), None


def attend(q, k, v, mask=None):
    """Attention of heads that share keys; by plain products, which are quicker than the fused form on a CPU here.

    q [rows, heads, length, head]; k, v [rows, kv_heads, length, head]; mask [rows, 1, 1, length, length], added.
    """
    rows, heads, length, head = q.shape
    shared = k.shape[1]
    scores = q.reshape(rows, shared, -1, head) @ (k * head ** -0.5).transpose(-1, -2)
    scores = scores.view(rows, shared, heads // shared, length, length)
    if mask is not None:
        scores = scores + mask
    scores = scores.softmax(-1).to(v.dtype).view(rows, shared, -1, length)
    return (scores @ v).view(rows, heads, length, head)


class RMSNorm(nn.Module):
    def __init__(self, n, eps):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(n)), eps

    def forward(self, x):
        x = x.float()
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


def linear(i, o, bias=True, gain=1.0):
    m = nn.Linear(i, o, bias=bias)
    nn.init.normal_(m.weight, std=gain / math.sqrt(i))
    if bias:
        nn.init.zeros_(m.bias)
    return m


class Expert(nn.Module):
    """One layer's weights for one kind of token; q, k, v and gate, up are stored side by side."""

    def __init__(self, s):
        super().__init__()
        self.s = s
        deep = 1 / math.sqrt(2 * s.layers)
        self.norm1, self.norm2 = RMSNorm(s.hidden, s.eps), RMSNorm(s.hidden, s.eps)
        self.qkv = linear(s.hidden, (s.heads + 2 * s.kv_heads) * s.head)
        self.out = linear(s.hidden, s.hidden, bias=False, gain=deep)
        self.q_norm, self.k_norm = RMSNorm(s.head, s.eps), RMSNorm(s.head, s.eps)
        self.gate_up = linear(s.hidden, 2 * s.inner, bias=False)
        self.down = linear(s.inner, s.hidden, bias=False, gain=1.4 * deep)

    def project(self, x, cos, sin):
        """[n, hidden] to q [n, heads, head], k and v [n, kv_heads, head], normed and turned."""
        s = self.s
        y = self.qkv(self.norm1(x)).view(-1, s.heads + 2 * s.kv_heads, s.head)
        q, k, v = y.split([s.heads, s.kv_heads, s.kv_heads], 1)
        q, k = self.q_norm(q), self.k_norm(k)
        half = s.head // 2
        q = q * cos + torch.cat([-q[..., half:], q[..., :half]], -1) * sin
        k = k * cos + torch.cat([-k[..., half:], k[..., :half]], -1) * sin
        return torch.cat([q.to(v.dtype), k.to(v.dtype), v], 1)

    def finish(self, x, a):
        x = x + self.out(a)
        gate, up = self.gate_up(self.norm2(x)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


class Layer(nn.Module):
    def __init__(self, s, looking=None):
        super().__init__()
        self.s, self.und, self.gen = s, Expert(s), Expert(s)
        self.looking = looking  # as in LOOKING

    def looks(self, q, k, plan):
        """How little the heads of LOOKING look from noisy cells to where they are to: -log of the share."""
        kind, heads = self.looking
        rows, at, where = plan.same[kind]
        group = self.s.heads // self.s.kv_heads
        scores = [q[:, h] @ (k[:, h // group] * self.s.head ** -0.5).transpose(-1, -2) for h in heads]
        scores = torch.stack(scores, 1)[rows, :, at] + plan.mask[rows, 0, 0, at][:, None]
        return -scores.float().log_softmax(-1)[torch.arange(len(rows)), :, where].mean(-1)

    def forward(self, und, gen, plan, notes=None):
        """Rows of both experts through the layer; see Plan for the order of rows."""
        s, n = self.s, und.shape[0]
        qkv = torch.cat([self.und.project(und, plan.cos[:n], plan.sin[:n]),
                         self.gen.project(gen, plan.cos[n:], plan.sin[n:])])
        grid = qkv.new_zeros(plan.rows * plan.length, *qkv.shape[1:]).index_copy(0, plan.places, qkv)
        qkv = grid.view(plan.rows, plan.length, -1, s.head).transpose(1, 2)
        q, k, v = qkv.split([s.heads, s.kv_heads, s.kv_heads], 1)
        if notes is not None and self.looking:
            notes["looks"].append(self.looks(q, k, plan))
        a = attend(q, k, v, plan.mask)
        a = Pick.apply(a.transpose(1, 2).reshape(-1, s.hidden), plan.places)
        return self.und.finish(und, a[:n]), self.gen.finish(gen, a[n:])


class VisionLayer(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.s = s
        deep = 1 / math.sqrt(2 * s.vit_layers)
        self.norm1, self.norm2 = nn.LayerNorm(s.vit, eps=1e-6), nn.LayerNorm(s.vit, eps=1e-6)
        self.qkv, self.out = linear(s.vit, 3 * s.vit), linear(s.vit, s.vit, gain=deep)
        self.fc1, self.fc2 = linear(s.vit, s.vit_inner), linear(s.vit_inner, s.vit, gain=deep)

    def forward(self, x):
        n, t, c = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(n, t, 3, self.s.vit_heads, -1).permute(2, 0, 3, 1, 4)
        a = attend(q, k, v)
        x = x + self.out(a.transpose(1, 2).reshape(n, t, c))
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x)), approximate="tanh"))


class Vision(nn.Module):
    """Pictures [n, 3, side, side] in -1..1 to [n, patches, vit]."""

    def __init__(self, s):
        super().__init__()
        self.s = s
        self.cells = s.side // s.patch
        self.patch = linear(3 * s.patch * s.patch, s.vit, gain=2.0)
        self.place = nn.Parameter(torch.randn(self.cells ** 2, s.vit))
        self.layers = nn.ModuleList(VisionLayer(s) for _ in range(s.vit_layers))
        self.norm = nn.LayerNorm(s.vit, eps=1e-6)

    def forward(self, x):
        p, g = self.s.patch, self.cells
        x = x.view(-1, 3, g, p, g, p).permute(0, 2, 4, 3, 5, 1).reshape(-1, g * g, 3 * p * p)
        x = self.patch(x) + self.place
        for layer in self.layers:
            x = layer(x)
        return self.norm(x)


# By layer: where noisy cells are to look in the picture that is edited, at the same cell of it; by which query heads,
# one of each group that shares keys.
LOOKING = {1: ("vision", (2, 5)), 2: ("clean", (1, 4)), 3: ("clean", (2, 5))}


class Bagel(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.s, h = s, s.hidden
        self.embed = nn.Embedding(s.vocab, h)
        nn.init.normal_(self.embed.weight, std=0.7)
        self.layers = nn.ModuleList(Layer(s, LOOKING.get(i)) for i in range(s.layers))
        self.norm_und, self.norm_gen = RMSNorm(h, s.eps), RMSNorm(h, s.eps)
        self.head = linear(h, s.vocab, bias=False, gain=0.3)
        self.vae2llm, self.llm2vae = nn.Linear(s.latent, h), nn.Linear(h, s.latent)
        nn.init.zeros_(self.llm2vae.weight)
        nn.init.zeros_(self.llm2vae.bias)
        self.time1, self.time2 = linear(256, h, gain=1.5), linear(h, h)
        self.vision = Vision(s)
        self.connect1, self.connect2 = linear(s.vit, h), linear(h, h, gain=1.5)
        cells = s.side // 16
        self.register_buffer("latent_place", table_part(cells, s.max_latent, h), persistent=False)
        self.register_buffer("vision_place", table_part(s.side // s.patch, s.max_vit, h), persistent=False)
        self._start()

    @torch.no_grad()
    def _start(self):
        """Starting values that make places and latents readable at once.

        Over a small grid the frozen table moves in few directions. Latents are laid into the coordinates where it
        stands still, orthonormal, and in the first layers query and key heads of the generation expert read the
        table's own directions; in the first of LOOKING's layers that look at clean latents, those heads also bring
        them into coordinates of their own.
        """
        s, place = self.s, self.latent_place
        still = (place - place.mean(0)).pow(2).sum(0).argsort()[:2 * s.latent]
        basis, _ = torch.linalg.qr(torch.randn(2 * s.latent, 2 * s.latent))
        self.vae2llm.weight.mul_(0)
        self.vae2llm.weight[still] = 1.5 * basis[:, :s.latent]
        self.vae2llm.bias.mul_(0)
        looking = {i: heads for i, (what, heads) in LOOKING.items() if what == "clean"}
        for i, layer in enumerate(self.layers[:max(looking) + 1]):
            queries, keys = (looking[i], range(s.kv_heads)) if i in looking else ((0, 1), (0,))
            self._read_places(layer.gen, [*queries, *(s.heads + k for k in keys)])
        self._bring(self.layers[min(looking)].gen, looking[min(looking)], still, *basis.chunk(2, 1))

    def _read_places(self, expert, heads):
        """Let these heads' queries and keys read the table's directions, on slowly turning coordinates."""
        place, half, d = self.latent_place, self.s.head // 2, self.s.head
        mean, strong = place.mean(0), 1.5
        _, value, right = torch.linalg.svd(place - mean, full_matrices=False)
        read = strong * right[:4] / value[:4, None] * math.sqrt(len(place))  # whitened place
        for head in heads:
            expert.qkv.weight[head * d:(head + 1) * d] *= 0.1
            at = slice(head * d + half - 4, head * d + half)
            expert.qkv.weight[at], expert.qkv.bias[at] = 1.1 * read, -read @ mean
        expert.q_norm.weight[half - 4:half] = strong
        expert.k_norm.weight[half - 4:half] = strong

    def _bring(self, expert, heads, still, source, target):
        """Let these heads, one of each group that shares keys, copy what lies along `source` to along `target`."""
        d, values = self.s.head, expert.qkv.weight[-self.s.kv_heads * self.s.head:]
        for group, head in enumerate(heads):
            part, out = slice(group * d, (group + 1) * d), expert.out.weight[:, head * d:(head + 1) * d]
            values[part], out[:] = 0.0, 0.0
            values[part, still], out[still] = source[:, part].T, target[:, part]

    def forward(self, plan, ids, seen, latents, times, notes=None):
        """Hidden rows of both experts at the end, normed.

        plan     of the rows
        ids      [text rows], in the plan's order
        seen     [vision rows, vit] from `see`, in the plan's order
        latents  [latent rows, 64], x_t; times [latent rows]
        notes    gets what else is taught: "middle", rows of the latents after two thirds of the layers; "looks"
        """
        text = self.embed(ids)
        sight = self.connect2(F.gelu(self.connect1(seen), approximate="tanh")).float()
        sight = sight + self.vision_place.repeat(len(sight) // len(self.vision_place), 1)
        und = torch.cat([text, sight])
        pictures = times.view(-1, len(self.latent_place))[:, 0]
        time = self.time2(F.silu(self.time1(wave(pictures)))).float().repeat_interleave(len(self.latent_place), 0)
        gen = self.vae2llm(latents).float() + time + self.latent_place.repeat(len(pictures), 1)
        for i, layer in enumerate(self.layers):
            und, gen = layer(und, gen, plan, notes)
            if notes is not None and i == 2 * len(self.layers) // 3 - 1:
                notes["middle"] = gen
        return self.norm_und(und), self.norm_gen(gen)


@dataclasses.dataclass
class Segment:
    kind: str
    tokens: int
    position: int


class Plan:
    """Samples, laid side by side in rows of one length: routes, positions and the mask.

    A sample is a list of Segments, whose kind is "text", "vision", "clean" or "noisy"; pictures include their two
    markers. Matrix order: all text tokens (markers included) first, then vision tokens, then latent tokens, each by
    row and column; what fills a row up is in no matrix. places: where in the rows [rows * length] each token lies.
    same: by "clean" and "vision": row and column of noisy cells, and column of the same cell of that picture before it.
    """

    TEXT, VISION, LATENT, NONE = 0, 1, 2, 3

    def __init__(self, samples, s):
        self.rows = len(samples)
        total = [sum(seg.tokens for seg in sample) for sample in samples]
        self.length = -(-max(total) // 8) * 8
        kind = torch.zeros(self.rows, self.length, dtype=torch.int8)
        position = torch.zeros(self.rows, self.length)
        split = torch.full((self.rows, self.length), -1, dtype=torch.int16)
        full = torch.zeros(self.rows, self.length, dtype=torch.bool)
        noise = torch.zeros(self.rows, self.length, dtype=torch.bool)
        same = {"clean": [], "vision": []}
        for r, sample in enumerate(samples):
            at = 0
            shown = {}
            for i, seg in enumerate(sample):
                end = at + seg.tokens
                if seg.kind in same:
                    shown[seg.kind] = at
                elif seg.kind == "noisy":
                    for what, first in shown.items():
                        same[what] += [(r, at + c, first + c) for c in range(1, seg.tokens - 1)]
                split[r, at:end] = i
                if seg.kind == "text":
                    position[r, at:end] = torch.arange(seg.position, seg.position + seg.tokens)
                else:
                    position[r, at:end] = seg.position
                    kind[r, at + 1:end - 1] = self.VISION if seg.kind == "vision" else self.LATENT
                    full[r, at:end] = True
                    noise[r, at:end] = seg.kind == "noisy"
                at = end
        one = split[:, :, None] == split[:, None]
        here = torch.arange(self.length)
        allow = (here[:, None] >= here[None])[None] | (one & full[:, :, None])
        allow &= ~(noise[:, None, :] & ~one) & (split >= 0)[:, None, :]
        allow |= torch.eye(self.length, dtype=torch.bool)[None]
        self.mask = torch.zeros(allow.shape, dtype=torch.bfloat16).masked_fill(~allow, -1e9)[:, None, None]
        self.same = {what: torch.tensor(of, dtype=torch.int64).reshape(-1, 3).T for what, of in same.items()}
        kind[split < 0] = self.NONE
        flat = kind.flatten()
        self.places = torch.argsort(flat.to(torch.int64), stable=True)[:sum(total)]  # in the rows, by kind
        self.texts = int((flat == self.TEXT).sum())
        half = s.head // 2
        angle = position.flatten()[self.places][:, None] * (s.theta ** (-torch.arange(half) / half))
        self.cos = torch.cat([angle.cos()] * 2, -1)[:, None]
        self.sin = torch.cat([angle.sin()] * 2, -1)[:, None]

    def to(self, device):
        for name in ("mask", "places", "cos", "sin"):
            setattr(self, name, getattr(self, name).to(device, non_blocking=True))
        self.same = {what: of.to(device, non_blocking=True) for what, of in self.same.items()}
        return self
