"""What the stages of training share: schedule, averaged weights, checkpoints, the log."""
import json
import os
import time

import torch
import torch.distributed as dist


def save(path, obj):
    """Write a checkpoint so that a reader, or a crash, never meets half of one."""
    torch.save(obj, path + ".new")
    os.replace(path + ".new", path)


def load(path):
    return torch.load(path, weights_only=False, map_location="cpu")


class Alone:
    """A team of one, which has nothing to add."""

    rank, count = 0, 1

    def add(self, tensors):
        pass

    def gather(self, values):
        return values


class Team:
    """Processes that train one model, each on its share of every step."""

    def __init__(self, rank, count, meeting):
        """meeting: a path that none of them has used before, by which they find one another."""
        self.rank, self.count = rank, count
        dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=count)

    def add(self, tensors):
        """Make each tensor the sum of all members' ones."""
        flat = torch.cat([t.flatten() for t in tensors])
        dist.all_reduce(flat)
        at = 0
        for t in tensors:
            t.copy_(flat[at:at + t.numel()].view_as(t))
            at += t.numel()

    def gather(self, values):
        """All members' dictionaries as one; no two have a name in common."""
        found = [None] * self.count
        dist.all_gather_object(found, values)
        return {k: v for one in found for k, v in one.items()}


class Average:
    """Weights averaged over about the last 1/(1-decay) steps; exported and judged in place of the raw ones."""

    def __init__(self, model, decay):
        self.decay, self.seen = decay, 0
        self.value = {n: p.detach().clone() for n, p in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model):
        self.seen += 1
        keep = min(self.decay, self.seen / (self.seen + 10))
        new = model.state_dict()
        torch._foreach_lerp_([self.value[n] for n in new], list(new.values()), 1 - keep)


class Run:
    """One resumable training of one model: AdamW, schedule, averaged weights, log.

    The rate rises over `warm` steps, holds, and from the share `decay_from` of all steps falls to 2 %. To go on with
    a finished run, ask for more steps.
    """

    def __init__(self, folder, name, model, lr, steps, betas=(0.9, 0.95), eps=1e-15, warm=100, decay_from=0.6,
                 average=0.999, groups=None, clip=1.0, device="cpu", leads=True):
        self.path = os.path.join(folder, name + ".pt")
        self.log_path = os.path.join(folder, name + ".log")
        self.model, self.lr, self.steps, self.warm, self.decay_from = model, lr, steps, warm, decay_from
        self.clip, self.leads, self.step, self.spent = clip, leads, 0, 0.0
        groups = groups or [{"params": list(model.parameters()), "rate": 1.0}]
        self.opt = torch.optim.AdamW(groups, lr=lr, betas=betas, eps=eps, weight_decay=0.0, foreach=True)
        self.average = Average(model, average)
        self.extra = {}
        if os.path.exists(self.path):
            old = load(self.path)
            model.load_state_dict(old["model"])
            self.opt.load_state_dict(old["opt"])
            self.average.value = {n: v.to(device) for n, v in old["average"].items()}
            self.average.seen = old["seen"]
            self.step, self.spent, self.extra = old["step"], old["spent"], old["extra"]
        self.began = self.saved = time.time()

    def over(self):
        return self.step >= self.steps

    def rate(self):
        """The share of the full rate that the coming step takes."""
        up = min(1.0, (self.step + 1) / self.warm)
        start = self.decay_from * self.steps
        down = 1.0 if self.step < start else max(0.02, 1 - (self.step - start) / (self.steps - start))
        return up * down

    def update(self, loss):
        """One step by this loss."""
        self.opt.zero_grad(set_to_none=True)
        loss.backward()
        return self.apply()

    def apply(self):
        """One step by the gradients that are there; returns their norm."""
        rate = self.rate()
        for g in self.opt.param_groups:
            g["lr"] = self.lr * rate * g.get("rate", 1.0)
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.clip)
        self.opt.step()
        self.average.update(self.model)
        self.step += 1
        return norm

    def seconds(self):
        return self.spent + time.time() - self.began

    def checkpoint(self, force=False, every=180):
        if not self.leads or not force and time.time() - self.saved < every:
            return
        save(self.path, {"model": self.model.state_dict(), "opt": self.opt.state_dict(), "step": self.step,
                         "average": self.average.value, "seen": self.average.seen, "spent": self.seconds(),
                         "extra": self.extra})
        self.saved = time.time()

    def log(self, **values):
        if not self.leads:
            return
        row = {"step": self.step, "seconds": round(self.seconds()),
               **{k: round(v, 5) if isinstance(v, float) else v for k, v in values.items()}}
        with open(self.log_path, "a", encoding="utf-8") as f:
            f.write(json.dumps(row) + "\n")
        print(os.path.basename(self.log_path)[:-4], row, flush=True)
