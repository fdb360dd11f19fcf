"""Holds the networks as they were trained against motcl on the exported folder: same weights, same numbers.

    agree.py --out FOLDER [--motcl FILE]     FOLDER is that of train.py, with FOLDER/model in it

Relative differences (root mean square) of the first velocities of a drawing and an edit, of an answer's first
logits, and of an input's latents. All in float32 and with weights rounded as in the file; fails above 1e-4.
"""
import argparse
import os
import random
import subprocess
import sys
import tempfile

import numpy as np
import torch

import autoencoder
import data
import plain
import png
import stage_decoder
import world
from bagel import Bagel, Sizes
from run import load

BOUND = 1e-4


def rounded(module):
    with torch.no_grad():
        for p in module.parameters():
            p.copy_(p.to(torch.bfloat16))
    return module


def file_encoder(encoder):
    """The linear encoder with the numbers of the file: rounded after they were scaled, and scaled back."""
    t = {n: v.to(torch.bfloat16).float() for n, v in autoencoder.encoder_tensors(encoder).items()}
    out = autoencoder.Linear()
    with torch.no_grad():
        out.first.weight.copy_(t["encoder.down.0.block.0.nin_shortcut.weight"][:, :27].reshape(64, 3, 3, 3))
        out.first.bias.copy_(t["encoder.down.0.block.0.nin_shortcut.bias"])
        for level, conv in enumerate(out.down):
            name = f"encoder.down.{level}.downsample.conv."
            conv.weight.copy_(t[name + "weight"][:conv.out_channels])
            conv.bias.copy_(t[name + "bias"][:conv.out_channels])
        small = t["encoder.down.3.block.0.nin_shortcut.weight"][0, 0, 0, 0]
        gain = autoencoder.SCALE * small / autoencoder.FILE_EPS ** 0.5
        out.last.weight.copy_(t["encoder.conv_out.weight"][:autoencoder.Z, 0:96:3] * gain)
        bias = t["encoder.conv_out.bias"][:autoencoder.Z]
        out.last.bias.copy_((bias - autoencoder.SHIFT) * autoencoder.SCALE)
    return out.requires_grad_(False)


def apart(a, b):
    a, b = (torch.as_tensor(np.asarray(v)).double().flatten() for v in (a, b))
    return float((a - b).norm() / a.norm())


class Side:
    """motcl's arrays and ours of the same request."""

    def __init__(self, folder, program):
        self.sizes, self.tok = Sizes(), stage_decoder.tokenizer(folder)
        self.model, self.folder, self.program = Bagel(self.sizes), folder, program
        saved = load(os.path.join(folder, "decoder.pt"))["average"]
        self.model.load_state_dict({n[6:]: v for n, v in saved.items() if n.startswith("bagel.")})
        rounded(self.model)
        self.encoder = file_encoder(stage_decoder.autoencoder_of(folder)[0])

    def theirs(self, *words):
        with tempfile.TemporaryDirectory() as dump:
            command = [self.program, *words, "-m", os.path.join(self.folder, "model"), "--dump", dump, "-q"]
            if words[0] != "ask":
                command += ["-o", os.path.join(dump, "picture.png"), "--timesteps", "3", "--cfg-text", "1"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            return {n[:-4]: np.load(os.path.join(dump, n)) for n in os.listdir(dump) if n.endswith(".npy")}

    @torch.no_grad()
    def ours(self, picture, items, latents, times):
        """(text rows asked for, latent rows) of one sample; `picture` is what its vision tokens show."""
        batch = data.Batch([([self.scene], items)], self.tok, self.sizes).to("cpu")
        batch.plan.mask = batch.plan.mask.float()
        seen = self.model.vision(picture).reshape(-1, self.sizes.vit) if batch.sights else \
            torch.zeros(0, self.sizes.vit)
        und, gen = self.model(batch.plan, batch.ids, seen, latents, times)
        return self.model.head(und[batch.asked]), self.model.llm2vae(gen)

    scene = world.make(random.Random(1))


def compare(side):
    """{what: difference}"""
    shown = plain.paint(side.scene, False)
    picture = torch.tensor(list(shown.rgb)).view(1, 64, 64, 3).permute(0, 3, 1, 2).float() / 127.5 - 1
    out, one, none = {}, torch.ones(16), torch.zeros(0, 64)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "shown.png")
        png.write(path, shown)
        text = "a big red circle left of a small blue square on white"
        d = side.theirs("draw", text, "--seed", "3")
        _, v = side.ours(picture, [("text", text, False), ("noisy", 0, 1)], torch.from_numpy(d["x"][0]), one)
        out["a drawing's first velocities"] = apart(d["v"][0], v)
        text = "what is the background?"
        d = side.theirs("ask", path, text, "--max-tokens", "1")
        y, _ = side.ours(picture, [("vision", 0), ("text", text, False), ("begun", [])], none, none[:, 0])
        out["an answer's first logits"] = apart(d["text_logits"][0], y[0])
        text = "make the circle green"
        d = side.theirs("edit", path, text, "--seed", "3", "--cfg-image", "1")
        latent = side.encoder(picture)
        out["an input's latents"] = apart(d["vae_latent_0"], latent)
        both = torch.cat([data.tokens(latent)[0], torch.from_numpy(d["x"][0])])
        _, v = side.ours(picture, [("clean", 0), ("vision", 0), ("text", text, False), ("noisy", 0, 1)], both,
                         torch.cat([0 * one, one]))
        out["an edit's first velocities"] = apart(d["v"][0], v[16:])
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--out", required=True, help="folder of train.py, with the exported model in it")
    p.add_argument("--motcl", default="motcl", help="the command [motcl]")
    a = p.parse_args()
    found = compare(Side(a.out, a.motcl))
    for what, difference in found.items():
        print(f"{what}: {difference:.1e}")
    sys.exit(max(found.values()) > BOUND)


if __name__ == "__main__":
    main()
