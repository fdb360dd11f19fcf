"""Drawing, editing and answering in PyTorch, for the curve of figures while training; motcl itself is the judge.

Everything is computed anew at every step, without a cache: few lines, and quick enough for pictures this small.
"""
import torch

import data
import exam
import look
import png


def _grid(points, shift):
    s = torch.linspace(1, 0, points)
    return shift * s / (1 + (shift - 1) * s)


@torch.no_grad()
def _velocity(model, batch, seen, clean, x, t):
    """v of the one noisy picture of each row; clean pictures stay as they are."""
    s, cells = model.s, (model.s.side // 16) ** 2
    noisy = batch.noisy
    latents = x.new_zeros(len(noisy), cells, s.latent)
    latents[noisy] = x
    if clean is not None and bool((~noisy).any()):
        latents[~noisy] = clean[[i for i, n in batch.latents if not n]]
    times = torch.where(noisy, t, 0.0).repeat_interleave(cells)
    with torch.autocast(x.device.type, dtype=torch.bfloat16):
        _, gen = model(batch.plan, batch.ids, seen, latents.flatten(0, 1), times)
        v = model.llm2vae(gen).float()
    return v.view(len(noisy), cells, s.latent)[noisy]


def _ready(samples, model, tok, encoder):
    """(batch, vision rows, clean latents) of samples on the model's device."""
    device = model.head.weight.device
    batch = data.Batch(samples, tok, model.s).to(device)
    with torch.no_grad(), torch.autocast(device.type, dtype=torch.bfloat16):
        seen = model.vision(batch.pictures[batch.sights]).reshape(-1, model.s.vit) if batch.sights else \
            torch.zeros(0, model.s.vit, device=device)
    return batch, seen, data.tokens(encoder(batch.pictures))


@torch.no_grad()
def generate(model, encoder, decoder, tok, full, dropped, imageless=None, points=25, seed=0):
    """Pictures of samples whose last item is noisy, guided as motcl does by itself.

    full, dropped, imageless  the samples with all conditions, without the last text, and without pictures; with the
                              last of them the settings are those of an edit
    """
    scale, image_scale = 4.0, 2.0
    device, s = model.head.weight.device, model.s
    sides = [_ready(c, model, tok, encoder) for c in (full, dropped, imageless) if c is not None]
    noise = torch.randn(len(full), (s.side // 16) ** 2, s.latent, generator=torch.Generator().manual_seed(seed))
    x, grid = noise.to(device), _grid(points, 3.0)
    low = 0.0 if imageless is not None else 0.4
    for t, after in zip(grid[:-1].tolist(), grid[1:].tolist()):
        v = _velocity(model, *sides[0], x, t)
        if t > low:
            u = _velocity(model, *sides[1], x, t)
            u = u + scale * (v - u)
            over = (2,) if imageless is not None else (1, 2)
            u = u * (v.norm(dim=over, keepdim=True) / (u.norm(dim=over, keepdim=True) + 1e-8)).clamp(0, 1)
            if imageless is not None:
                w = _velocity(model, *sides[2], x, t)
                u = w + image_scale * (u - w)
            v = u
        x = x - v * (t - after)
    with torch.autocast(device.type, dtype=torch.bfloat16):
        y = decoder(data.untokens(x, s.side // 8, s.side // 8)).float()
    y = ((y + 1) / 2).clamp(0, 1).mul(255).to(torch.uint8).permute(0, 2, 3, 1).cpu()
    return [png.Picture(s.side, s.side, p.numpy().tobytes()) for p in y]


@torch.no_grad()
def answer(model, tok, samples, most=24):
    """Greedy text after each sample; all computed again for every word."""
    said, over = [[] for _ in samples], [False] * len(samples)
    for _ in range(most):
        # the words so far stand as one text without its end
        rows = [(scenes, items + [("begun", said[i])]) for i, (scenes, items) in enumerate(samples)]
        batch, seen, _ = _ready(rows, model, tok, lambda x: x.new_zeros(len(x), 16, 2, 2))
        with torch.autocast(seen.device.type, dtype=torch.bfloat16):
            und, _ = model(batch.plan, batch.ids, seen, seen.new_zeros(0, model.s.latent), seen.new_zeros(0))
            best = model.head(und[batch.asked]).float().argmax(-1).tolist()
        for i, word in enumerate(best):
            over[i] = over[i] or word == tok.eos
            if not over[i]:
                said[i].append(word)
        if all(over):
            break
    return [tok.decode(ids).strip() for ids in said]


def figures(model, encoder, decoder, tok, n, seed=11):
    """{name: share} of drawings, of drawings held apart, of edits and of answers, n of each."""
    out = {}
    for name, apart in (("draw", False), ("apart", True)):
        asked = exam.prompts(seed, n, apart)
        scenes = [[s] for _, s, _ in asked]
        pictures = generate(model, encoder, decoder, tok,
                            [(s, [("text", t, False), ("noisy", 0, 1)]) for s, (t, _, _) in zip(scenes, asked)],
                            [(s, [("noisy", 0, 1)]) for s in scenes])
        rows = exam.shares(exam.drawn(s, named, look.see(p)) for (_, s, named), p in zip(asked, pictures))
        out.update({f"{name}_{k}": v for k, (v, _) in rows.items()})
    asked = exam.edits(seed, n)
    shown = [("clean", 0), ("vision", 0)]
    tail = [("noisy", 1, 1)]
    pictures = generate(model, encoder, decoder, tok,
                        [([b, a], shown + [("text", t, False)] + tail) for _, b, t, a in asked],
                        [([b, a], shown + tail) for _, b, t, a in asked],
                        [([b, a], [("text", t, False)] + tail) for _, b, t, a in asked])
    rows = [exam.edited(k, b, a, look.see(p)) for (k, b, _, a), p in zip(asked, pictures)]
    out.update({f"edit_{k}": v for k, (v, _) in exam.shares(
        {**r, k: r["all"]} for r, (k, *_) in zip(rows, asked)).items()})
    asked = exam.questions(seed, n)
    said = answer(model, tok, [([s], [("vision", 0), ("text", q, False)]) for _, s, q, _ in asked])
    out.update({f"ask_{k}": v for k, (v, _) in exam.shares(
        {"all": a == w, k: a == w} for a, (k, _, _, w) in zip(said, asked)).items()})
    return out
