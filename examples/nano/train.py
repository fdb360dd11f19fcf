"""nano from nothing: autoencoder, vision encoder, decoder, then the model folder.

    train.py all --out FOLDER [--device cuda] [--threads N]
    train.py autoencoder|vision|decoder|export --out FOLDER

Every stage goes on from its checkpoint in FOLDER, so that a stopped run is gone on with by the same command. The
logs there (one JSON object a line) hold losses and figures against steps and seconds. FOLDER/model is the result.
"""
import argparse
import os
import tempfile

import torch

import export
import stage_autoencoder
import stage_decoder
import stage_vision
from run import Team

# By device: steps, pictures a step, rate. "times" multiplies data.MIX; "judge" is how often figures are taken.
PRESETS = {
    "cpu": {
        "autoencoder": {"steps": 2400, "freeze": 700, "batch": 16, "rate": 2e-3},
        "vision": {"steps": 1500, "batch": 48, "rate": 2e-3},
        "decoder": {"steps": 18000, "times": 1, "rate": 2e-3, "average": 0.998, "decay_from": 0.28,
                    "judge": 1000, "asked": 35},
    },
    "cuda": {
        "autoencoder": {"steps": 8000, "freeze": 1500, "batch": 64, "rate": 2e-3},
        "vision": {"steps": 2000, "batch": 256, "rate": 2e-3},
        "decoder": {"steps": 12000, "times": 4, "rate": 2e-3, "average": 0.998, "decay_from": 0.28,
                    "judge": 2000, "asked": 70},
    },
}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("stage", choices=("all", "autoencoder", "vision", "decoder", "export"))
    p.add_argument("--out", required=True, help="folder of checkpoints, logs and the result")
    p.add_argument("--device", choices=sorted(PRESETS), default="cpu")
    p.add_argument("--threads", type=int, default=2, help="of the processor, for --device cpu [2]; two of them "
                   "train the decoder as two processes, each on its share of every step")
    p.add_argument("--workers", type=int, help="processes that make data [cuda: 12, cpu: none]")
    p.add_argument("--steps", type=int, help="of this stage, instead of the preset's; the fall of the rate stretches")
    a = p.parse_args()
    if a.steps is not None and a.stage in ("all", "export"):
        p.error("--steps is for one stage")
    torch.set_num_threads(a.threads)
    os.makedirs(a.out, exist_ok=True)
    workers = a.workers if a.workers is not None else 12 if a.device == "cuda" else 0
    stages = {"autoencoder": stage_autoencoder.train, "vision": stage_vision.train, "decoder": decoder}
    for name, train in stages.items():
        if a.stage in ("all", name):
            preset = dict(PRESETS[a.device][name])
            preset["steps"] = a.steps or preset["steps"]
            train(a.out, preset, torch.device(a.device), workers)
    if a.stage in ("all", "export"):
        size, db = export.write(a.out, os.path.join(a.out, "model"))
        print(f"{os.path.join(a.out, 'model')}: {size} bytes, autoencoder {db:.1f} dB")


def decoder(out, preset, device, workers):
    """In two processes where there are processors for them."""
    threads = torch.get_num_threads()
    if device.type != "cpu" or threads < 2:
        stage_decoder.train(out, preset, device, workers)
        return
    with tempfile.TemporaryDirectory() as folder:
        meeting = os.path.join(folder, "meeting")
        torch.multiprocessing.spawn(member, (2, meeting, threads // 2, out, preset, device, workers), nprocs=2)


def member(rank, count, meeting, threads, out, preset, device, workers):
    torch.set_num_threads(threads)
    stage_decoder.train(out, preset, device, workers, Team(rank, count, meeting))


if __name__ == "__main__":
    main()
