"""The autoencoder: FLUX's layout and names, trained here in a form that is quicker and loses nothing.

- The encoder is linear: four convolutions of which none has a nonlinearity behind it. In the file they are
  the downsampling layers of an encoder whose residual blocks add nothing; its last norm is kept linear by
  numbers far below the norm's epsilon, and its SiLU by pairs of channels of opposite sign, since
  silu(u) - silu(-u) = u.
- Residual blocks whose second convolution is zero add nothing either: the decoder trains without them.
- A 3x3 convolution after nearest upsampling is four 2x2 convolutions before it, at 4/9 of the work.
- GroupNorm with a larger epsilon lets flat colours through. Scaling everything before a norm by s is the
  same as dividing epsilon by s squared, so the file has the format's 1e-6 and smaller numbers.
"""
import math

import torch
from torch import nn
from torch.nn import functional as F

SCALE, SHIFT = 0.3611, 0.1159  # of the format: latent = SCALE * (z - SHIFT)
CH, MULT, Z = 32, (2, 2, 2, 3), 16
WIDTH = [CH * m for m in MULT]
ACTIVE = (0, 2, 3, 3)  # decoder blocks in use, by level; the file always has three
GROUPS, EPS, FILE_EPS = 32, 0.05, 1e-6


class Linear(nn.Module):
    """The encoder: pictures [n, 3, H, W] in -1..1 to latents [n, 16, H/8, W/8]."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 64, 3, padding=1)
        self.down = nn.ModuleList(nn.Conv2d(64, o, 3, stride=2) for o in (64, 64, 32))
        self.last = nn.Conv2d(32, Z, 3, padding=1)

    def forward(self, x):
        x = self.first(x)
        for conv in self.down:
            x = conv(F.pad(x, (0, 1, 0, 1)))
        return self.last(x)

    @torch.no_grad()
    def start_from(self, pictures):
        """Start as the 16 principal components of 8x8 patches, weighted by deviation^-0.7."""
        x = F.unfold(pictures, 8, stride=8).transpose(1, 2).reshape(-1, 192)
        mean = x.mean(0)
        value, vector = torch.linalg.eigh((x - mean).T @ (x - mean) / len(x))
        value, vector = value.flip(0)[:Z], vector.flip(1)[:, :Z].T
        row = vector * value.sqrt().pow(-0.7)[:, None]
        row = row / ((x - mean) @ row.T).pow(2).mean().sqrt()
        for p in self.parameters():
            p.normal_(0, 0.003)
        for c in range(3):
            self.first.weight[c, c, 1, 1] = 1
        width = 3
        for conv in self.down[:2]:  # four pixels become four times the channels
            for dy in range(2):
                for dx in range(2):
                    at = (2 * dy + dx) * width
                    for c in range(width):
                        conv.weight[at + c, c, dy, dx] = 1
            width *= 4
        kernel = row.reshape(Z, 3, 2, 2, 2, 2, 2, 2)  # z, c, then row and column, coarse to fine
        kernel = kernel.permute(0, 2, 5, 3, 6, 4, 7, 1)  # z, y4, x4, y2, x2, y1, x1, c
        for dy in range(2):
            for dx in range(2):
                # channels of the second level: (y2, x2) outside, (y1, x1) inside, then colour
                self.down[2].weight[:Z, :48, dy, dx] = kernel[:, dy, dx].reshape(Z, 48)
        self.down[2].bias[:Z] = -(row @ mean)
        for z in range(Z):
            self.last.weight[z, z, 1, 1] = 1


def norm(channels):
    return nn.GroupNorm(GROUPS, channels, eps=EPS)


class Block(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.norm1, self.conv1 = norm(i), nn.Conv2d(i, o, 3, padding=1)
        self.norm2, self.conv2 = norm(o), nn.Conv2d(o, o, 3, padding=1)
        if i != o:
            self.nin_shortcut = nn.Conv2d(i, o, 1)
        with torch.no_grad():
            self.conv2.weight.mul_(0.3)

    def forward(self, x):
        h = self.conv2(F.silu(self.norm2(self.conv1(F.silu(self.norm1(x))))))
        return h + (self.nin_shortcut(x) if hasattr(self, "nin_shortcut") else x)


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.norm = norm(c)
        self.q, self.k, self.v, self.proj_out = (nn.Conv2d(c, c, 1) for _ in range(4))

    def forward(self, x):
        h = self.norm(x)
        q, k, v = (f(h).flatten(2).transpose(1, 2) for f in (self.q, self.k, self.v))
        h = F.scaled_dot_product_attention(q[:, None], k[:, None], v[:, None])[:, 0]
        return x + self.proj_out(h.transpose(1, 2).reshape(x.shape))


def _halves(w, axis):
    """The taps of three along an axis that fall on the same source pixel, for even and for odd places."""
    a, b, c = w.unbind(axis)
    return [torch.stack([a, b + c], axis), torch.stack([a + b, c], axis)]


class Upsample(nn.Module):
    """Nearest, twice the size, then 3x3; computed as four 2x2 convolutions."""

    def __init__(self, c):
        super().__init__()
        self.conv = nn.Conv2d(c, c, 3, padding=1)

    def forward(self, x):
        w = self.conv.weight
        parts = []
        for r in _halves(w, 2):
            parts += _halves(r, 3)
        n, c, h, wd = x.shape
        y = F.conv2d(F.pad(x, (1, 1, 1, 1)), torch.cat(parts), self.conv.bias.repeat(4))
        y = y.view(n, 2, 2, c, h + 1, wd + 1)
        even = torch.stack([y[:, 0, 0, :, :h, :wd], y[:, 0, 1, :, :h, 1:]], -1)
        odd = torch.stack([y[:, 1, 0, :, 1:, :wd], y[:, 1, 1, :, 1:, 1:]], -1)
        return torch.stack([even, odd], -3).reshape(n, c, 2 * h, 2 * wd)


class Decoder(nn.Module):
    """Latents [n, 16, h, w], as the encoder gives them, to pictures [n, 3, 8h, 8w] in -1..1."""

    def __init__(self):
        super().__init__()
        c = WIDTH[-1]
        self.conv_in = nn.Conv2d(Z, c, 3, padding=1)
        self.mid = nn.ModuleDict({"block_1": Block(c, c), "attn_1": Attention(c), "block_2": Block(c, c)})
        up = []
        for level in reversed(range(len(MULT))):
            blocks = nn.ModuleList()
            for b in range(ACTIVE[level]):
                blocks.append(Block(c, WIDTH[level]))
                c = WIDTH[level]
            up.insert(0, nn.ModuleDict({"block": blocks}))
            if level:
                up[0]["upsample"] = Upsample(c)
        self.up = nn.ModuleList(up)
        self.norm_out, self.conv_out = norm(c), nn.Conv2d(c, 3, 3, padding=1)
        with torch.no_grad():
            self.conv_in.weight.mul_(SCALE)

    def forward(self, x):
        x = self.conv_in(x / SCALE + SHIFT)
        for part in ("block_1", "attn_1", "block_2"):
            x = self.mid[part](x)
        for level in reversed(self.up):
            for block in level["block"]:
                x = block(x)
            if "upsample" in level:
                x = level["upsample"](x)
        return self.conv_out(F.silu(self.norm_out(x)))


# ---------------------------------------------------------------- the file
def _empty_block(out, name, i, o):
    for n, c in (("norm1", i), ("norm2", o)):
        out[f"{name}.{n}.weight"], out[f"{name}.{n}.bias"] = torch.ones(c), torch.zeros(c)
    out[f"{name}.conv1.weight"], out[f"{name}.conv1.bias"] = torch.zeros(o, i, 3, 3), torch.zeros(o)
    out[f"{name}.conv2.weight"], out[f"{name}.conv2.bias"] = torch.zeros(o, o, 3, 3), torch.zeros(o)


def _empty_attention(out, name, c):
    out[name + ".norm.weight"], out[name + ".norm.bias"] = torch.ones(c), torch.zeros(c)
    for part in ("q", "k", "v", "proj_out"):
        out[f"{name}.{part}.weight"], out[f"{name}.{part}.bias"] = torch.zeros(c, c, 1, 1), torch.zeros(c)


def encoder_tensors(e):
    """The linear encoder in FLUX's names."""
    out, c = {}, CH
    small = 3e-6  # far below sqrt(1e-6), so that the last norm only divides by 1e-3
    first = torch.zeros(CH, 3, 3, 3)
    for tap in range(27):
        first[tap].view(-1)[tap] = 1
    out["encoder.conv_in.weight"], out["encoder.conv_in.bias"] = first, torch.zeros(CH)
    for level, width in enumerate(WIDTH):
        for b in range(2):
            name = f"encoder.down.{level}.block.{b}"
            _empty_block(out, name, c, width)
            if c != width:
                w, bias = torch.zeros(width, c), torch.zeros(width)
                if level == 0:
                    w[:, :27], bias = e.first.weight.reshape(width, 27), e.first.bias.clone()
                else:
                    for i in range(32):  # each number and its opposite share a group of three
                        w[3 * i, i], w[3 * i + 1, i] = small, -small
                out[name + ".nin_shortcut.weight"], out[name + ".nin_shortcut.bias"] = w[:, :, None, None], bias
            c = width
        if level < len(WIDTH) - 1:
            conv = e.down[level]
            w, bias = torch.zeros(c, c, 3, 3), torch.zeros(c)
            w[:conv.out_channels], bias[:conv.out_channels] = conv.weight, conv.bias
            name = f"encoder.down.{level}.downsample.conv"
            out[name + ".weight"], out[name + ".bias"] = w, bias
    for b in (1, 2):
        _empty_block(out, f"encoder.mid.block_{b}", c, c)
    _empty_attention(out, "encoder.mid.attn_1", c)
    out["encoder.norm_out.weight"], out["encoder.norm_out.bias"] = torch.ones(c), torch.zeros(c)
    w = torch.zeros(2 * Z, c, 3, 3)
    gain = math.sqrt(FILE_EPS) / small / SCALE
    w[:Z, 0:96:3], w[:Z, 1:96:3] = gain * e.last.weight, -gain * e.last.weight
    bias = torch.full((2 * Z,), -12.0)  # the log-variance: samples are the mean
    bias[:Z] = e.last.bias / SCALE + SHIFT
    out["encoder.conv_out.weight"], out["encoder.conv_out.bias"] = w, bias
    return out


def decoder_tensors(d):
    """The decoder in FLUX's names, with the format's epsilon and all its blocks."""
    s = math.sqrt(FILE_EPS / EPS)
    out = {}
    for name, p in d.state_dict().items():
        module, kind = name.rsplit(".", 1)
        leaf = module.rsplit(".", 1)[-1]
        scaled = leaf in ("conv_in", "conv1", "conv2", "proj_out")
        if leaf == "conv" or leaf == "nin_shortcut":  # linear on what is already scaled
            scaled = kind == "bias"
        out["decoder." + name] = p * s if scaled else p.clone()
    c = WIDTH[-1]
    for level in reversed(range(len(MULT))):
        for b in range(3):
            name = f"decoder.up.{level}.block.{b}"
            if b >= ACTIVE[level]:
                _empty_block(out, name, c, WIDTH[level])
                if c != WIDTH[level]:
                    raise ValueError(f"{name} changes the width and must be in use")
            c = WIDTH[level]
    return out
