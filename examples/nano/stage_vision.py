"""Second stage: the vision encoder alone, told by patch what lies there; stands in for a pretrained SigLIP."""
import random

import torch
from torch import nn
from torch.nn import functional as F

import data
import paint
import world
from bagel import Sizes, Vision
from run import Run


class Heads(nn.ModuleDict):
    """A linear head for each thing that tokens are told of their patch; thrown away after training."""

    def __init__(self, width):
        super().__init__({h: nn.Linear(width, n) for h, n in data.HEADS.items()})

    def losses(self, tokens, labels):
        """{head: (loss, share right of what lies on shapes)} for tokens [..., width] and as many labels."""
        out = {}
        for h, head in self.items():
            y, want = head(tokens.float()).flatten(0, -2), labels[h].flatten()
            known = want >= (1 if h == "kind" else 0)
            right = ((y.argmax(-1) == want) & known).sum() / known.sum().clamp_min(1)
            loss = F.cross_entropy(y, want, ignore_index=-100, reduction="sum") / (want >= 0).sum().clamp_min(1)
            out[h] = (loss, right)
        return out


class Told(nn.Module):
    """The encoder and its heads."""

    def __init__(self, s):
        super().__init__()
        self.vision, self.heads = Vision(s), Heads(s.vit)


class Labelled(torch.utils.data.IterableDataset):
    def __init__(self, n, cells, seed):
        super().__init__()
        self.n, self.cells, self.seed = n, cells, seed

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        rng = random.Random(f"{self.seed} {worker.id if worker else 0}")
        while True:
            scenes = [world.make(rng, line=True) for _ in range(self.n)]
            yield torch.from_numpy(paint.paint(scenes)), data.dense_labels(scenes, self.cells)


def train(folder, preset, device, workers=0, seed=3):
    torch.manual_seed(seed)
    model = Told(Sizes()).to(device)
    run = Run(folder, "vision", model, preset["rate"], preset["steps"], average=0.99, warm=50, decay_from=0.7,
              device=device)
    steps = torch.utils.data.DataLoader(Labelled(preset["batch"], model.vision.cells, f"{seed} {run.step}"),
                                        batch_size=None, num_workers=workers)
    for x, labels in steps:
        if run.over():
            break
        x = x.to(device).permute(0, 3, 1, 2).float() / 127.5 - 1
        with torch.autocast(device.type, dtype=torch.bfloat16):
            seen = model.vision(x)
        losses = model.heads.losses(seen, {h: v.to(device) for h, v in labels.items()})
        loss = sum(a for a, _ in losses.values())
        run.update(loss)
        if run.step % 50 == 0:
            run.log(loss=float(loss), **{h: float(r) for h, (_, r) in losses.items()})
        run.checkpoint()
    run.checkpoint(force=True)
