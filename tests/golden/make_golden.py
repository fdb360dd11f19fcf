"""Makes tests/golden/data: what the official BAGEL code computes on the hash-made miniatures.

    make_golden.py ORACLE MAKE_HASHED OUT

ORACLE is the folder of the oracle's Python files (bagel_ref.py and run_oracle.py, which load the official
code from $BAGEL_SRC), MAKE_HASHED the built program, OUT the data folder, which is made anew. Needs the
oracle's Python environment; CI needs neither. README.md says what the cases hold.
"""
import fnmatch
import json
import os
import shutil
import subprocess
import sys
import tempfile

import hashed

MODELS = {
    "mot": [],
    "bf16": ["--seed", "1", "--dtype", "bf16", "--conv-patch", "--shards", "2", "--tables",
             "--latent-side", "24"],
    "moe": ["--seed", "2", "--dtype", "f16", "--kind", "moe"],
    "dense": ["--seed", "3", "--dtype", "bf16", "--kind", "dense"],
}
LAYERS = dict(mot="Qwen2MoTDecoderLayer", moe="Qwen2MoEDecoderLayer", dense="Qwen2DecoderLayer")
PROMPT = "A red cat; 你好 café!\n"
CHANGE = "Now paint the wall blue."
QUESTION = "What is in this picture?"
LIKELY = 1e-3   # a greedy id counts only where the two best logits are further apart than this
T2I = dict(cfg_text_scale=4.0, cfg_img_scale=1.5, cfg_interval=(0.4, 1.0), timestep_shift=3.0, num_timesteps=5,
           cfg_renorm_min=0.0, cfg_renorm_type="global", image_shapes=(32, 48))
EDIT = dict(cfg_text_scale=4.0, cfg_img_scale=2.0, cfg_interval=(0.0, 1.0), timestep_shift=3.0, num_timesteps=4,
            cfg_renorm_min=0.0, cfg_renorm_type="text_channel")
DRAWN = ["noise", "t", "x", "v", "v_parts_*", "latent", "image_f", "image", "vae_latent_*", "vae_eps_*", "text_*"]
BRIEF = ["v", "latent", "image", "text_ids"]


def load(ref, folder):
    """The official model of a folder, with the folder's own layer kind, table side and picture limits."""
    import torch
    with open(os.path.join(folder, "oracle.json"), encoding="utf-8") as f:
        meta = json.load(f)
    with open(os.path.join(folder, "motcl.json"), encoding="utf-8") as f:
        limits = json.load(f)["picture"]
    ref._stub_flash_attn()
    if ref.BAGEL_SRC not in sys.path:
        sys.path.insert(0, ref.BAGEL_SRC)
    import modeling.bagel as official
    from data.transforms import ImageTransform
    keep = official.BagelConfig, official.Qwen2ForCausalLM

    def config(**k):
        return keep[0](**dict(k, max_latent_size=meta["latent_side"]))

    def decoder(c):
        c.layer_module = LAYERS[meta["kind"]]
        return keep[1](c)
    official.BagelConfig, official.Qwen2ForCausalLM = config, decoder
    try:
        r = ref.load(folder, threads=1)
    finally:
        official.BagelConfig, official.Qwen2ForCausalLM = keep
    if meta["kind"] == "moe":
        # the inference of this layer kind passes no expert to an attention that takes none
        assert not hasattr(r.model.language_model.model.layers[0].self_attn, "q_proj_moe_gen")
    r.vae_transform, r.vit_transform = (
        ImageTransform(p["longest"], p["shortest"], p["stride"], p["max_pixels"])
        for p in (limits["vae"], limits["vit"]))
    r.inf.vae_transform, r.inf.vit_transform = r.vae_transform, r.vit_transform
    torch.manual_seed(0)
    return r


def recorder(run):
    """An Out of the oracle that keeps chosen arrays only, and nothing that changes from run to run."""
    class Golden(run.Out):
        keep = ["*"]

        def put(self, key, x):
            if any(fnmatch.fnmatch(key, k) for k in self.keep):
                super().put(key, x)

        def flush(self):
            for name, case in self.index["cases"].items():
                case.pop("seconds", None)
                picture = os.path.join(self.root, name, "image.png")
                if os.path.exists(picture):
                    os.remove(picture)
                folder = os.path.join(self.root, name)
                if os.path.isdir(folder) and not os.listdir(folder):
                    os.rmdir(folder)
                margin = case.get("decoded", {}).get("least_margin", 1)
                assert margin > LIKELY, f"{name}: two logits differ by {margin} only; choose another text"
            with open(os.path.join(self.root, "index.json"), "w", encoding="utf-8") as f:
                cases = (f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in self.index["cases"].items())
                # one of the texts holds an address, which tests/hygiene.sh would take for a person's
                f.write('{"cases": {\n' + ",\n".join(cases).replace("@", "\\u0040") + "\n}}\n")
    return Golden


def prefill(run, o, r, w, keep):
    o.keep = keep
    run.P1, run.P2 = PROMPT, CHANGE
    run.st_prefill(o, r, w)


def greedy(run, o, r, w, length=10, stops=2, keep=("*",)):
    """A prompt that runs to its length, and some after which the text ends by itself."""
    import torch
    words = "the a of to and in is it you that he was for on are with as his they red cat blue".split()
    found = 0
    for n in range(400):
        text = PROMPT if n == 0 else " ".join(words[(n * 7 + j * 3) % len(words)] for j in range(1 + n % 5))
        w.clear()
        with torch.no_grad():
            context = r.inf.update_context_text(text, r.inf.init_gen_context())
            out = r.inf.gen_text(context, max_length=length, do_sample=False)
        stopped = w.text_pred[-1] == r.ids["eos_token_id"]
        logits = torch.cat(w.logits)
        top = logits.topk(2, -1).values
        margin = float((top[:, 0] - top[:, 1]).min())
        if n and (not stopped or len(w.text_pred) < 3 or margin < LIKELY):
            continue
        o.keep = keep if n == 0 else ["text_ids"]
        o.case("greedy" if n == 0 else f"greedy_stop_{found}", text=text, max_length=length,
               text_segments=w.prompts, decoded=dict(start=w.text_start, ids=w.text_ids, predicted=w.text_pred,
                                                     text=out, stopped=stopped, least_margin=margin))
        o.put("text_ids", w.text_ids)
        o.put("text_logits", logits)
        found += 1
        if found > stops:
            return
    raise SystemExit("no text ends by itself: choose another seed")


def vit(run, o, r, w, keep=("*",)):
    import numpy as np
    from data.data_utils import pil_img2rgb
    picture = run.picture(50, 37, "RGBA", 1)
    o.keep = keep
    o.case("vit", picture="input_0.png")
    picture.save(os.path.join(o.root, "vit", "input_0.png"))
    resized = r.vae_transform.resize_transform(pil_img2rgb(picture))
    o.put("vae_resized", np.array(resized))
    o.put("vit_resized", np.array(r.vit_transform.resize_transform(resized)))
    inputs, _, _ = r.model.prepare_vit_images([0], [0], [resized], r.vit_transform, r.ids)
    o.put("position_index", inputs["packed_vit_position_ids"])
    got, vision = {}, r.model.vit_model.vision_model
    watched = [("embedded", vision.embeddings), ("post_norm", r.model.vit_model), ("connector", r.model.connector)]
    watched += [(f"vit_layer_{n}", layer) for n, layer in enumerate(vision.encoder.layers)]
    hooks = [m.register_forward_hook(lambda m, i, out, k=k: got.__setitem__(k, out)) for k, m in watched]
    context = r.inf.init_gen_context()
    h = run.hidden(r, lambda: r.inf.update_context_image(resized, context, vae=False))
    for hook in hooks:
        hook.remove()
    for k, v in got.items():
        o.put(k, v)
    o.put("vit_tokens_0", h[0][1:-1])
    run.put_hidden(o, h)


def vae(run, o, r, w):
    import torch
    g = torch.Generator().manual_seed(11)
    o.keep = ["*"]
    o.case("vae", scale=0.3611, shift=0.1159, note="as the oracle's case of that name, 32 x 16 (H x W)")
    x = torch.nn.functional.avg_pool2d(torch.rand(1, 3, 32, 16, generator=g) * 2 - 1, 3, 1, 1) * 2
    with torch.no_grad():
        o.put("x", x)
        o.put("moments", r.vae.encoder(x))
        o.put("encode_mean", r.vae.encode(x))
        w.clear()
        r.vae.reg.sample = True
        torch.manual_seed(3)
        o.put("encode_sampled", r.vae.encode(x))
        r.vae.reg.sample = False
        o.put("eps", w.eps[0])
        z = torch.randn(1, r.meta["ae"]["z_channels"], 4, 2, generator=g)
        y = r.vae.decode(z)
        o.put("z", z)
        o.put("y", y)
        o.put("image", ((y * 0.5 + 0.5).clamp(0, 1)[0].permute(1, 2, 0) * 255).to(torch.uint8))


def sizes(run, o, r, w):
    """The resize rule under the release's limits and the miniature's; columns are width, height."""
    import types
    import numpy as np
    import data.transforms as tr
    from data.transforms import ImageTransform
    rng = np.random.default_rng(7)
    source = np.concatenate([np.exp(rng.uniform(0, np.log(5000), (100, 2))).astype(int) + 1,
                             [[1, 1], [1, 4000], [4000, 1], [520, 520], [1032, 1032], [4032, 3024], [64, 48],
                              [56, 56], [40, 72], [24, 24]]])
    keep, tr.F = tr.F, types.SimpleNamespace(resize=lambda image, size, *a, **k: size)

    def apply(t, all_sizes):
        return np.array([t.resize_transform(types.SimpleNamespace(size=tuple(s)))[::-1] for s in all_sizes])
    o.keep = ["*"]
    o.case("sizes", note="columns are width, height")
    o.put("source", source)
    for name, a, v in (("release", ImageTransform(1024, 512, 16), ImageTransform(980, 224, 14)),
                       ("small", r.vae_transform, r.vit_transform)):
        once = apply(a, source)
        o.put(f"{name}_vae", once)
        o.put(f"{name}_vae_again", apply(a, once))
        o.put(f"{name}_vit_of_vae", apply(v, once))
        o.put(f"{name}_vit", apply(v, source))
    tr.F = keep


def pre(run, o, r, w):
    """Picture files of many kinds, as RGB bytes, and some of them resized."""
    import numpy as np
    from PIL import Image
    from data.data_utils import pil_img2rgb
    kinds = [(29, 23, "RGBA", "png", {}), (17, 31, "L", "png", {}), (20, 20, "LA", "png", {}),
             (24, 24, "P+t", "png", {}), (37, 21, "RGB", "png", {}), (19, 15, "1", "png", {}),
             (150, 90, "RGB", "jpg", {}), (41, 33, "RGB", "jpg", dict(progressive=True, subsampling=1)),
             (33, 17, "L", "jpg", {}), (25, 19, "CMYK", "jpg", {})]
    o.keep = ["*"]
    o.case("pre", pictures={}, note="N_rgb: the file as RGB; N_vae, N_vit: resized by the miniature's limits, "
           "the second from the first")
    for n, (width, height, mode, ending, options) in enumerate(kinds):
        file = f"{n}.{ending}"
        path = os.path.join(o.root, "pre", file)
        run.picture(width, height, mode, n + 1).save(path, **options)
        rgb = pil_img2rgb(Image.open(path))
        o.cur["pictures"][file] = dict(mode=mode, size=[width, height])
        o.put(f"{n}_rgb", np.array(rgb)) if ending == "png" or n > 6 else None
        if n in (0, 4, 6):
            a = r.vae_transform.resize_transform(rgb)
            o.put(f"{n}_vae", np.array(a))
            o.put(f"{n}_vit", np.array(r.vit_transform.resize_transform(a)))


def rng(run, o, r, w):
    import torch
    o.keep = ["*"]
    o.case("rng", seeds=[0, 42, 1234567], note="torch.manual_seed(seed); torch.randn(n); torch.randn(20)")
    for seed in (0, 42, 1234567):
        for n in (7, 16, 37, 100):
            torch.manual_seed(seed)
            o.put(f"seed{seed}_n{n}", torch.randn(n))
            o.put(f"seed{seed}_n{n}_next", torch.randn(20))


def drawer(run, o, r, w):
    def draw(name, inputs, keep, seed=42, sample=False, **settings):
        o.keep = keep
        run.pipeline(o, r, w, name, inputs, seed, sample_vae=sample, kv=False, **settings)
    return draw


def pictures(run, o, r, w):
    """Every pipeline, on the model of the release's kind."""
    draw = drawer(run, o, r, w)
    rgba, grey, wide = run.picture(50, 37, "RGBA", 1), run.picture(24, 32, "L", 2), run.picture(75, 35, "RGB", 6)
    draw("t2i", [PROMPT], DRAWN, **T2I)
    small = dict(T2I, image_shapes=(32, 32), num_timesteps=4)
    draw("t2i_interval", [PROMPT], BRIEF, **dict(small, num_timesteps=8))
    draw("t2i_shift", [PROMPT], BRIEF, **dict(small, image_shapes=(64, 16), timestep_shift=1.0))
    draw("t2i_channel", [PROMPT], BRIEF, **dict(small, cfg_renorm_type="channel", cfg_renorm_min=0.3))
    draw("t2i_text_channel", [PROMPT], BRIEF, **dict(small, cfg_renorm_type="text_channel"))
    draw("t2i_norenorm", [PROMPT], BRIEF, **dict(small, cfg_renorm_min=1.0))
    draw("t2i_noimg", [PROMPT], BRIEF, **dict(small, cfg_img_scale=1.0))
    draw("t2i_plain", [PROMPT], BRIEF, **dict(small, cfg_text_scale=1.0))
    draw("t2i_two_texts", [PROMPT, CHANGE], BRIEF, seed=7, **small)
    draw("edit", [rgba, CHANGE], [k for k in DRAWN if k not in ("x", "image_f")], **EDIT)
    brief = dict(EDIT, num_timesteps=3)
    draw("edit_sampled", [grey, CHANGE], BRIEF + ["vae_*", "noise"], seed=5, sample=True,
         **dict(brief, cfg_renorm_type="global"))
    text = dict(understanding_output=True, max_think_token_n=8)
    draw("und", [wide, QUESTION], ["text_*"], seed=0, **text)
    draw("und_think", [grey, QUESTION], ["text_ids"], seed=0, think=True, **text)
    draw("think", [PROMPT], BRIEF, think=True, max_think_token_n=8, **small)
    draw("think_edit", [grey, CHANGE], BRIEF, think=True, max_think_token_n=8, **brief)
    draw("inter", [PROMPT, grey, "and this:", wide, CHANGE], BRIEF, seed=9, **brief)
    draw("inter_image_last", [PROMPT, grey], BRIEF, seed=9, **brief)
    draw("inter_und", [grey, "then", wide, QUESTION], ["text_ids"], seed=9, **text)


def other_kinds(run, o, r, w):
    """What differs in the other models: weights' types and kinds, tables, shards."""
    draw = drawer(run, o, r, w)
    draw("t2i", [PROMPT], BRIEF, **dict(T2I, image_shapes=(32, 32), num_timesteps=3))
    draw("edit", [run.picture(50, 37, "RGBA", 1), CHANGE], BRIEF, **dict(EDIT, num_timesteps=3))


def tokens(run, o, r, w, folder, program):
    """Ids of the oracle's texts; both forms of the tokenizer's files must give them."""
    from transformers import PreTrainedTokenizerFast
    o.keep = ["*"]
    run.st_tok(o, r, w)
    with tempfile.TemporaryDirectory() as one:
        subprocess.run([program, "--one-tokenizer", one], check=True, stdout=subprocess.DEVNULL)
        fast = PreTrainedTokenizerFast(tokenizer_file=os.path.join(one, "tokenizer.json"))
        for row in o.cur["rows"]:
            assert fast.encode(row["text"]) == row["ids"], row["text"]


def main():
    oracle, program, out = sys.argv[1:4]
    sys.path.insert(0, oracle)
    import bagel_ref
    import run_oracle
    shutil.rmtree(out, ignore_errors=True)
    golden = recorder(run_oracle)
    for name, options in MODELS.items():
        with tempfile.TemporaryDirectory() as folder:
            listing = subprocess.run([program, *options, folder], check=True, capture_output=True, text=True)
            print(name, hashed.check(folder), "tensors as HASHED.md says")
            r = load(bagel_ref, folder)
            o = golden(os.path.join(out, name), None)
            for file, text in (("options", " ".join(options) + "\n"), ("digests", listing.stdout)):
                with open(os.path.join(out, name, file), "w", encoding="utf-8") as f:
                    f.write(text)
            w = run_oracle.Watch(r)
            all_of_it = name == "mot"
            prefill(run_oracle, o, r, w, ["ids", "layer_*", "normed", "logits"] if all_of_it
                    else ["layer_1", "normed"])
            if all_of_it:
                tokens(run_oracle, o, r, w, folder, program)
                for stage in (sizes, pre, rng, greedy, vit, vae, pictures):
                    stage(run_oracle, o, r, w)
            else:
                if name == "bf16":
                    greedy(run_oracle, o, r, w, stops=0, keep=["text_ids"])
                    vit(run_oracle, o, r, w, keep=["vit_tokens_0", "normed"])
                other_kinds(run_oracle, o, r, w)
            o.flush()


if __name__ == "__main__":
    main()
