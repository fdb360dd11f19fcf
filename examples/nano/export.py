"""Checkpoints to a BAGEL folder in BF16: weights by BAGEL's names, tokenizer, configurations."""
import json
import os
import random

import torch

import autoencoder
import stage_autoencoder
import stage_decoder
from bagel import Bagel, Sizes
from run import load

MIB = 1 << 20


def _expert(out, at, e, s, suffix):
    """One expert's weights of one layer."""
    q, k = s.heads * s.head, s.kv_heads * s.head
    for name, part in (("q", slice(0, q)), ("k", slice(q, q + k)), ("v", slice(q + k, q + 2 * k))):
        out[f"{at}self_attn.{name}_proj{suffix}.weight"] = e.qkv.weight[part]
        out[f"{at}self_attn.{name}_proj{suffix}.bias"] = e.qkv.bias[part]
    out[f"{at}self_attn.o_proj{suffix}.weight"] = e.out.weight
    out[f"{at}self_attn.q_norm{suffix}.weight"] = e.q_norm.weight
    out[f"{at}self_attn.k_norm{suffix}.weight"] = e.k_norm.weight
    out[f"{at}input_layernorm{suffix}.weight"] = e.norm1.weight
    out[f"{at}post_attention_layernorm{suffix}.weight"] = e.norm2.weight
    out[f"{at}mlp{suffix}.gate_proj.weight"], out[f"{at}mlp{suffix}.up_proj.weight"] = e.gate_up.weight.chunk(2)
    out[f"{at}mlp{suffix}.down_proj.weight"] = e.down.weight


def _linear(out, name, m):
    out[name + ".weight"], out[name + ".bias"] = m.weight, m.bias


def _vision(out, v, s):
    at = "vit_model.vision_model."
    _linear(out, at + "embeddings.patch_embedding", v.patch)
    place, cell = torch.zeros(s.max_vit ** 2, s.vit), torch.arange(v.cells)
    place[(cell[:, None] * s.max_vit + cell[None]).flatten()] = v.place.float()
    out[at + "embeddings.position_embedding.weight"] = place
    for i, layer in enumerate(v.layers):
        here = f"{at}encoder.layers.{i}."
        for name, weight, bias in zip("qkv", layer.qkv.weight.chunk(3), layer.qkv.bias.chunk(3)):
            out[f"{here}self_attn.{name}_proj.weight"], out[f"{here}self_attn.{name}_proj.bias"] = weight, bias
        _linear(out, here + "self_attn.out_proj", layer.out)
        _linear(out, here + "layer_norm1", layer.norm1)
        _linear(out, here + "layer_norm2", layer.norm2)
        _linear(out, here + "mlp.fc1", layer.fc1)
        _linear(out, here + "mlp.fc2", layer.fc2)
    _linear(out, at + "post_layernorm", v.norm)


def model_tensors(m):
    """Everything but the autoencoder; the two sin-cos tables are left out, to be recomputed."""
    s, out, at = m.s, {}, "language_model.model."
    out[at + "embed_tokens.weight"] = m.embed.weight
    out["language_model.lm_head.weight"] = m.head.weight
    for i, layer in enumerate(m.layers):
        _expert(out, f"{at}layers.{i}.", layer.und, s, "")
        _expert(out, f"{at}layers.{i}.", layer.gen, s, "_moe_gen")
    out[at + "norm.weight"], out[at + "norm_moe_gen.weight"] = m.norm_und.weight, m.norm_gen.weight
    for name, part in (("vae2llm", m.vae2llm), ("llm2vae", m.llm2vae), ("time_embedder.mlp.0", m.time1),
                       ("time_embedder.mlp.2", m.time2), ("connector.fc1", m.connect1), ("connector.fc2", m.connect2)):
        _linear(out, name, part)
    _vision(out, m.vision, s)
    return out


def write_tensors(path, tensors):
    """A safetensors file in BF16."""
    head, body, at = {"__metadata__": {"format": "pt"}}, [], 0
    for name in sorted(tensors):
        t = tensors[name].detach().cpu().to(torch.bfloat16).contiguous()
        data = t.view(torch.int16).numpy().tobytes()
        head[name] = {"dtype": "BF16", "shape": list(t.shape), "data_offsets": [at, at + len(data)]}
        body.append(data)
        at += len(data)
    text = json.dumps(head, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(len(text).to_bytes(8, "little") + text + b"".join(body))


def configs(s, tok):
    """{file name: what it holds}"""
    return {
        "llm_config.json": {
            "architectures": ["Qwen2ForCausalLM"], "attention_dropout": 0.0,
            "bos_token_id": tok.special["<|endoftext|>"], "eos_token_id": tok.eos,
            "hidden_act": "silu", "hidden_size": s.hidden, "initializer_range": 0.02,
            "intermediate_size": s.inner, "max_position_embeddings": 32768, "max_window_layers": s.layers,
            "model_type": "qwen2", "num_attention_heads": s.heads, "num_hidden_layers": s.layers,
            "num_key_value_heads": s.kv_heads, "rms_norm_eps": s.eps, "rope_theta": s.theta, "sliding_window": 32768,
            "tie_word_embeddings": False, "torch_dtype": "bfloat16", "use_cache": True, "use_sliding_window": False,
            "vocab_size": s.vocab},
        "vit_config.json": {
            "hidden_size": s.vit, "image_size": s.max_vit * s.patch, "intermediate_size": s.vit_inner,
            "model_type": "siglip_vision_model", "num_attention_heads": s.vit_heads,
            "num_hidden_layers": s.vit_layers + 1, "patch_size": s.patch},
        "config.json": {"architectures": ["BagelForConditionalGeneration"], "model_type": "bagel"},
        "generation_config.json": {"eos_token_id": tok.eos},
        "preprocessor_config.json": {},
        "motcl.json": {
            "name": "nano",
            "picture": {"vae": {"longest": s.side, "shortest": s.side, "stride": 16},
                        "vit": {"longest": s.side, "shortest": s.side, "stride": s.patch}},
            "draw": {"width": s.side, "height": s.side}, "latent": {"max_size": s.max_latent},
            "vision": {"max_size": s.max_vit}},
        "oracle.json": {"size": "nano", "ae": {"ch": autoencoder.CH, "ch_mult": list(autoencoder.MULT),
                                               "z_channels": autoencoder.Z},
                        "tokens": tok.special, "ids_in_use": tok.size},
    }


@torch.no_grad()
def decibels(encoder, decoder, n=300):
    """What the autoencoder makes of n pictures, with the file's rounded weights."""
    x = stage_autoencoder.pictures(random.Random("export"), n)
    for model in (encoder, decoder):
        for p in model.parameters():
            p.copy_(p.to(torch.bfloat16))
    return sum(stage_autoencoder.decibels(decoder(encoder(part)), part) * len(part) for part in x.split(32)) / n


def write(folder, out):
    """The averaged weights of the checkpoints in `folder`, as a model folder `out`; (bytes, dB of its autoencoder)."""
    sizes, tok = Sizes(), stage_decoder.tokenizer(folder)
    model = Bagel(sizes)
    saved = load(os.path.join(folder, "decoder.pt"))["average"]
    model.load_state_dict({n[6:]: v for n, v in saved.items() if n.startswith("bagel.")})
    encoder, decoder = stage_decoder.autoencoder_of(folder)
    os.makedirs(out, exist_ok=True)
    write_tensors(os.path.join(out, "ema.safetensors"), model_tensors(model))
    write_tensors(os.path.join(out, "ae.safetensors"),
                  {**autoencoder.encoder_tensors(encoder), **autoencoder.decoder_tensors(decoder)})
    tok.write(out)
    for name, what in configs(sizes, tok).items():
        with open(os.path.join(out, name), "w", encoding="utf-8") as f:
            json.dump(what, f, indent=1)
            f.write("\n")
    size = sum(os.path.getsize(os.path.join(out, n)) for n in os.listdir(out))
    if size > 24 * MIB:
        raise SystemExit(f"{out} has {size} bytes, more than 24 MiB")
    return size, decibels(encoder, decoder)
