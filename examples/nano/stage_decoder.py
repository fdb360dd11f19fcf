"""Third stage: the decoder, the bridges and the vision encoder together, on every kind of sample."""
import json
import os
import random

import torch
from torch.nn import functional as F

import autoencoder
import data
import sample
import words
from bagel import Bagel, Sizes
from run import Alone, Run, load
from stage_vision import Told

SHIFT, CE, TOLD = 3.0, 1.0, 0.3


def tokenizer(folder):
    """The tokenizer of this run: learnt once, then kept beside the checkpoints."""
    path = os.path.join(folder, "merges.json")
    if not os.path.exists(path):
        with open(path, "w", encoding="utf-8") as f:
            json.dump(words.learn(), f)
    with open(path, encoding="utf-8") as f:
        return words.Tokenizer([tuple(m) for m in json.load(f)])


def autoencoder_of(folder):
    """(encoder, decoder) of the first stage; the encoder must be frozen."""
    saved = load(os.path.join(folder, "autoencoder.pt"))
    if "frozen" not in saved["extra"]:
        raise SystemExit("the autoencoder's encoder is not frozen yet: let the first stage go on")
    encoder, decoder = autoencoder.Linear(), autoencoder.Decoder()
    encoder.load_state_dict({n[8:]: v for n, v in saved["model"].items() if n.startswith("encoder.")})
    decoder.load_state_dict({n[8:]: v for n, v in saved["average"].items() if n.startswith("decoder.")})
    return encoder.requires_grad_(False), decoder.requires_grad_(False)


class Joint(torch.nn.Module):
    """The model, and the heads by which the vision encoder goes on being told what it sees."""

    def __init__(self, sizes):
        super().__init__()
        self.bagel, self.told = Bagel(sizes), Told(sizes)
        self.told.vision = self.bagel.vision


def clean(encoder, batch):
    """The latent tokens of the batch's scenes; of those without any, nothing that counts."""
    of = sorted({i for i, _ in batch.latents})
    with torch.autocast(batch.pictures.device.type, dtype=torch.bfloat16):
        found = data.tokens(encoder(batch.pictures[of])).float()
    return found.new_zeros(len(batch.pictures), *found.shape[1:]).index_copy(0, torch.tensor(of).to(found.device), found)


def noise(rng, batch, clean):
    """x_t, t and the target noise - clean of all latent tokens; clean pictures keep t = 0."""
    t = torch.zeros(len(batch.latents))
    noisy = batch.noisy.cpu()
    if bool(noisy.any()):
        t[noisy] = data.times(rng, int(noisy.sum()), SHIFT)
    x0 = clean[[i for i, _ in batch.latents]].flatten(0, 1)
    t = t.to(x0.device).repeat_interleave(clean.shape[1])
    eps = torch.randn_like(x0)
    return (1 - t[:, None]) * x0 + t[:, None] * eps, t, eps - x0


def losses(joint, encoder, rng, batch):
    """Sums over this batch: {"mse": (sum, count), "ce": (sum, weight), "told": (sum, count)}."""
    s, x, out = joint.bagel.s, batch.pictures, {}
    latents = t = target = x.new_zeros(0, s.latent)
    if batch.latents:
        latents, t, target = noise(rng, batch, clean(encoder, batch))
    with torch.autocast(x.device.type, dtype=torch.bfloat16):
        seen = joint.bagel.vision(x[batch.sights]) if batch.sights else None
        flat = x.new_zeros(0, s.vit) if seen is None else seen.reshape(-1, s.vit)
        und, gen = joint.bagel(batch.plan, batch.ids, flat, latents, t.reshape(-1))
        logits = joint.bagel.head(und[batch.asked]).float()
        noisy = batch.noisy.repeat_interleave((s.side // 16) ** 2)
        v = joint.bagel.llm2vae(gen[noisy]).float()
    if len(v):
        out["mse"] = (v - target[noisy]).pow(2).mean(-1).sum(), len(v)
    if len(logits):
        ce = F.cross_entropy(logits, batch.labels, reduction="none")
        out["ce"] = (ce * batch.weights).sum(), float(batch.weights.sum())
    if seen is not None:
        out["told"] = sum(a for a, _ in joint.told.losses(seen, batch.told).values()) * len(seen), len(seen)
    return out


def whole(batches, side, team):
    """What the sums of a step are divided by: counts over all batches of all members."""
    cells = (side // 16) ** 2
    counts = torch.tensor([float(sum(n for _, b in batches for _, n in b.latents) * cells),
                           sum(float(b.weights.sum()) for _, b in batches),
                           float(sum(len(b.sights) for _, b in batches))])
    team.add([counts])
    return dict(zip(("mse", "ce", "told"), counts.tolist()))


def step(joint, encoder, rng, batches, sums, team):
    """Gradients of one step's loss; `sums` collects what is logged."""
    total = whole(batches, joint.bagel.s.side, team)
    for name, b in batches:
        loss = 0.0
        for what, (value, n) in losses(joint, encoder, rng, b).items():
            loss = loss + {"mse": 1.0, "ce": CE, "told": TOLD}[what] * value / total[what]
            old = sums.get(f"{what}_{name}", (0.0, 0.0))
            sums[f"{what}_{name}"] = (old[0] + value.detach(), old[1] + n)
        loss.backward()
    for p in joint.parameters():
        p.grad = torch.zeros_like(p) if p.grad is None else p.grad
    team.add([p.grad for p in joint.parameters()])


def groups(joint):
    """The vision encoder has learnt most of what it needs, and goes on more slowly."""
    seeing = {id(p) for p in joint.bagel.vision.parameters()}
    return [{"params": [p for p in joint.parameters() if id(p) not in seeing], "rate": 1.0},
            {"params": list(joint.bagel.vision.parameters()), "rate": 0.35}]


def train(folder, preset, device, workers=0, team=Alone(), seed=5):
    torch.manual_seed(seed)
    sizes, tok = Sizes(), tokenizer(folder)
    if tok.size > sizes.vocab:
        raise SystemExit(f"{tok.size} tokens do not fit a vocabulary of {sizes.vocab}")
    encoder, decoder = (m.to(device) for m in autoencoder_of(folder))
    joint = Joint(sizes)
    joint.told.load_state_dict(load(os.path.join(folder, "vision.pt"))["average"])
    joint.to(device)
    run = Run(folder, "decoder", joint, preset["rate"], preset["steps"], average=preset["average"], device=device,
              leads=team.rank == 0, decay_from=preset["decay_from"], groups=groups(joint))
    rng = random.Random(f"{seed} {run.step} {team.rank}")
    torch.manual_seed(seed * 1000003 + run.step * team.count + team.rank)
    mix = {k: (rows * preset["times"], copies) for k, (rows, copies) in data.MIX.items()}
    steps = data.Steps(mix, data.share(team.rank, team.count), tok, sizes, f"{seed} {run.step} {team.rank}")
    sums = {}
    for batches in torch.utils.data.DataLoader(steps, batch_size=None, num_workers=workers):
        if run.over():
            break
        run.opt.zero_grad(set_to_none=True)
        step(joint, encoder, rng, [(k, b.to(device)) for k, b in batches], sums, team)
        norm = run.apply()
        if run.step % 25 == 0:
            sums = team.gather({k: (float(a), n) for k, (a, n) in sums.items()})
            run.log(norm=float(norm), **{k: a / max(n, 1e-9) for k, (a, n) in sums.items()})
            sums = {}
        if team.rank == 0 and (run.step % preset["judge"] == 0 or run.over()):
            averaged = Bagel(sizes).to(device)
            averaged.load_state_dict({n[6:]: v for n, v in run.average.value.items() if n.startswith("bagel.")})
            run.log(**sample.figures(averaged, encoder, decoder, tok, preset["asked"]))
        run.checkpoint()
    run.checkpoint(force=True)
