"""Third stage: the decoder, the bridges and the vision encoder together, on every kind of sample."""
import os
import random

import torch
from torch.nn import functional as F

import autoencoder
import data
import sample
import words
from bagel import LOOKING, Bagel, Sizes
from run import Alone, Run, load
from stage_vision import Heads, Told

# Times by shift, and how many are uniform: which shape an edit is of is decided while nearly all is noise, and what is
# left at the end is little, but guidance multiplies it.
TIMES, EDIT_TIMES = (3.0, 0.25), (8.0, 0.35)
TEXT_SCALE, IMAGE_SCALE = 4.0, 2.0  # motcl's own guidance of edits
WEIGHTS = {"mse": 1.0, "guided": 0.1, "ce": 1.0, "told": 0.3, "meant": 0.2, "was": 0.1, "named": 1.0, "look": 0.1,
           "copy": 1.0}


def tokenizer(folder):
    """The tokenizer of this run."""
    return words.kept(os.path.join(folder, "merges.json"))


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
    """The model, and heads by which its parts are told what they are to know; they are thrown away.

    told: the vision encoder, what a picture has where; meant: the latent tokens after two thirds of the layers, what
    they are about to draw, or stand for; was, copy and named: those that edit, what the same cell of the picture they
    are made from has, its latents, and whether it is what the instruction names.
    """

    def __init__(self, sizes):
        super().__init__()
        self.bagel, self.told = Bagel(sizes), Told(sizes)
        self.told.vision = self.bagel.vision
        self.meant, self.copy = Heads(sizes.hidden), torch.nn.Linear(sizes.hidden, sizes.latent)
        self.was, self.named = Heads(sizes.hidden), torch.nn.Linear(sizes.hidden, 2)


def clean(encoder, batch):
    """The latent tokens of the batch's scenes; of those without any, nothing that counts."""
    of = sorted({i for i, _ in batch.latents})
    with torch.autocast(batch.pictures.device.type, dtype=torch.bfloat16):
        found = data.tokens(encoder(batch.pictures[of])).float()
    return found.new_zeros(len(batch.pictures), *found.shape[1:]).index_copy(0, torch.tensor(of).to(found.device), found)


def noise(rng, batch, clean):
    """x_t, t and the target (x_t - clean) / t of all latent tokens; clean pictures keep t = 0."""
    t = torch.zeros(len(batch.latents))
    edits = torch.zeros(len(t), dtype=torch.bool).index_fill(0, batch.edited[0].cpu(), True)
    for of, how in ((edits, EDIT_TIMES), (batch.noisy.cpu() & ~edits, TIMES)):
        if bool(of.any()):
            t[of] = data.times(rng, int(of.sum()), *how)
    t = t.to(clean.device)
    x0, at = clean[[i for i, _ in batch.latents]], t[:, None, None]
    eps = torch.randn_like(x0)
    astray = strayed(batch, x0, t, eps)
    x, target = (1 - at) * x0 + at * eps + astray, eps - x0 + astray / at.clamp_min(0.1)
    for of in batch.guided[1:]:
        for values in (t, x, target):
            values[of] = values[batch.guided[0]]
    return x.flatten(0, 1), t.repeat_interleave(clean.shape[1]), target.flatten(0, 1)


def strayed(batch, x0, t, eps):
    """Where guidance has drawings of edits go astray: most of them learn the way back.

    Guidance overshoots what the instruction changes, and contrast, while nearly all is noise, and leaves noise to the
    end. Measured on edits at scales 4 and 2, at t = 0.9: 0.4 of the change beyond it, 0.3 to 0.7 of the picture, 0.02 to
    0.08 of the noise; at t = 0.3 as much noise still.
    """
    out, (at, of) = torch.zeros_like(x0), batch.edited
    if len(at):
        much = (torch.rand(len(at), device=t.device) < 0.7).float()
        early = much * ((t[at] - 0.4) / 0.5).clamp(0, 1)
        parts = torch.rand(3, len(at), device=t.device)
        contrast, change = early * (2.0 * parts[0] - 0.2), early * 1.6 * parts[1]
        more = much * 0.2 * parts[2] * (t[at] / 0.3).clamp(0, 1)
        left, contrast, change, more = (u[:, None, None] for u in (1 - t[at], contrast, change, more))
        out[at] = left * (contrast * x0[at] + change * (x0[at] - x0[of])) + more * eps[at]
    return out


def losses(joint, encoder, rng, batch):
    """Sums over this batch, by the names of WEIGHTS; of `counts` things each."""
    s, x, out, notes = joint.bagel.s, batch.pictures, {}, {"looks": []}
    latents = t = target = true = x.new_zeros(0, s.latent)
    if batch.latents:
        true = clean(encoder, batch)
        latents, t, target = noise(rng, batch, true)
    with torch.autocast(x.device.type, dtype=torch.bfloat16):
        seen = joint.bagel.vision(x[batch.sights]) if batch.sights else None
        flat = x.new_zeros(0, s.vit) if seen is None else seen.reshape(-1, s.vit)
        und, gen = joint.bagel(batch.plan, batch.ids, flat, latents, t.reshape(-1), notes)
        logits = joint.bagel.head(und[batch.asked]).float()
        noisy = batch.noisy.repeat_interleave((s.side // 16) ** 2)
        v = joint.bagel.llm2vae(gen[noisy]).float()
    if len(v):
        out["mse"] = (v - target[noisy]).pow(2).mean(-1).sum()
        out["guided"] = of_guidance(batch, v, target[noisy], t)
    if len(logits):
        out["ce"] = (F.cross_entropy(logits, batch.labels, reduction="none") * batch.weights).sum()
    if seen is not None:
        out["told"] = sum(a for a, _ in joint.told.heads.losses(seen, batch.told).values()) * len(seen)
    if batch.latents:
        middle = notes["middle"].view(len(batch.latents), -1, s.hidden)
        out["meant"] = sum(a for a, _ in joint.meant.losses(middle, batch.meant).values()) * len(middle)
    if len(batch.edited[0]):
        out.update(of_edits(joint, batch, middle[batch.edited[0]], true))
        out["look"] = torch.cat(notes["looks"]).sum()
    return out


def of_guidance(batch, v, target, t):
    """How far guidance leads from the target where x_t shows what is drawn, so that it has nothing to add.

    There the three predictions should be one; what they differ by is error, and the scales multiply it.
    """
    cells = len(v) // max(1, int(batch.noisy.sum()))
    full, textless, imageless = ((batch.noisy.cumsum(0) - 1)[of] for of in batch.guided)
    v, target = v.view(-1, cells, v.shape[1]), target.view(-1, cells, target.shape[1])
    led = v[textless] + TEXT_SCALE * (v[full] - v[textless])
    led = v[imageless] + IMAGE_SCALE * (led - v[imageless])
    sure = ((0.7 - t.view(-1, cells)[batch.guided[0]]) / 0.3).clamp(0, 1)
    return ((led - target[full]).pow(2).mean(-1) * sure).sum()


def of_edits(joint, batch, known, true):
    """What noisy tokens [edits, cells, hidden] are told of the pictures that they are made from."""
    of = [batch.latents[i][0] for i in batch.edited[1].tolist()]
    copied = joint.copy(known / known.pow(2).mean(-1, keepdim=True).sqrt())
    return {"was": sum(a for a, _ in joint.was.losses(known, batch.was).values()) * len(known),
            "named": F.cross_entropy(joint.named(known).flatten(0, 1), batch.named.flatten(), reduction="sum"),
            "copy": (copied - true[of]).pow(2).mean(-1).sum()}


def counts(batch, side):
    """How many things each of a batch's losses is summed over; answers by their weights."""
    cells, edits = (side // 16) ** 2, batch.edited.shape[1]
    return {"mse": int(batch.noisy.sum()) * cells, "guided": batch.guided.shape[1] * cells,
            "ce": float(batch.weights.sum()), "told": len(batch.sights), "meant": len(batch.latents), "was": edits,
            "named": int((batch.named >= 0).sum()), "copy": edits * cells, "look": sum(
                batch.plan.same[what].shape[1] for what, _ in LOOKING.values())}


def whole(batches, side, team):
    """What the sums of a step are divided by: counts over all batches of all members."""
    of = [counts(b, side) for _, b in batches]
    total = torch.tensor([float(sum(c[what] for c in of)) for what in WEIGHTS])
    team.add([total])
    return dict(zip(WEIGHTS, total.tolist()))


def step(joint, encoder, rng, batches, sums, team):
    """Gradients of one step's loss; `sums` collects what is logged."""
    side = joint.bagel.s.side
    total = whole(batches, side, team)
    for name, b in batches:
        loss, n = 0.0, counts(b, side)
        for what, value in losses(joint, encoder, rng, b).items():
            loss = loss + WEIGHTS[what] * value / total[what]
            old = sums.get(f"{what}_{name}", (0.0, 0.0))
            sums[f"{what}_{name}"] = (old[0] + value.detach(), old[1] + n[what])
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
