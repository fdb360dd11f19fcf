"""First stage: the autoencoder. The encoder learns until `freeze`, then stands still and the decoder goes on."""
import random

import torch
from torch import nn
from torch.nn import functional as F

import autoencoder
import paint
import world
from run import Run

NOISE = 0.06  # added to latents, so that the decoder forgives what the generator leaves


class Both(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = autoencoder.Linear(), autoencoder.Decoder()


def pictures(rng, n):
    """Scenes of every kind as floats [n, 3, side, side] in -1..1."""
    x = paint.paint([world.make(rng, line=True) for _ in range(n)])
    return torch.from_numpy(x).permute(0, 3, 1, 2).float() / 127.5 - 1


class Pictures(torch.utils.data.IterableDataset):
    def __init__(self, n, seed):
        super().__init__()
        self.n, self.seed = n, seed

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        rng = random.Random(f"{self.seed} {worker.id if worker else 0}")
        while True:
            yield pictures(rng, self.n)


def decibels(a, b):
    """Mean over pictures of the PSNR of bytes."""
    a, b = (((t.clamp(-1, 1) + 1) * 127.5).floor() for t in (a, b))
    error = (a - b).pow(2).mean((1, 2, 3)).clamp_min(1e-3)
    return float((10 * torch.log10(255 ** 2 / error)).mean())


def _judge(run, model, fixed, device):
    """dB of the averaged weights on fixed pictures."""
    now = {n: v.clone() for n, v in model.state_dict().items()}
    model.load_state_dict(run.average.value)
    with torch.no_grad(), torch.autocast(device.type, dtype=torch.bfloat16):
        z = model.encoder(fixed)
        db = decibels(model.decoder(z).float(), fixed)
    model.load_state_dict(now)
    return db, z.float()


def train(folder, preset, device, workers=0, seed=1):
    torch.manual_seed(seed)
    model = Both()
    with torch.no_grad():
        model.encoder.start_from(pictures(random.Random(7), 512))
    model.to(device)
    run = Run(folder, "autoencoder", model, preset["rate"], preset["steps"], average=0.998, device=device,
              groups=[{"params": list(model.encoder.parameters()), "rate": 0.15},
                      {"params": list(model.decoder.parameters()), "rate": 1.0}])
    fixed = pictures(random.Random(99), 64).to(device)
    data = torch.utils.data.DataLoader(Pictures(preset["batch"], f"{seed} {run.step}"), batch_size=None,
                                       num_workers=workers)
    for x in data:
        if run.over():
            break
        x = x.to(device)
        frozen = run.step >= preset["freeze"]
        model.encoder.requires_grad_(not frozen)
        if frozen and "frozen" not in run.extra:  # its averaged weights are what stays
            run.extra["frozen"] = run.step
            model.encoder.load_state_dict({n[8:]: v for n, v in run.average.value.items() if n.startswith("encoder.")})
        z = model.encoder(x)
        keep = 0.0
        if not frozen:
            flat = z.transpose(0, 1).flatten(1)
            keep = 0.2 * (flat.mean(1).pow(2).mean() + (flat.pow(2).mean().sqrt() - 1).pow(2))
        with torch.autocast(device.type, dtype=torch.bfloat16):
            y = model.decoder(z + NOISE * torch.randn_like(z)).float()
        loss = F.l1_loss(y, x) + 2 * F.mse_loss(y, x) + keep
        run.update(loss)
        if run.step % 100 == 0 or run.over():
            db, z = _judge(run, model, fixed, device)
            run.log(loss=float(loss), db=db, mean=float(z.mean()), std=float(z.std()))
        run.checkpoint()
    run.checkpoint(force=True)
