#!/bin/sh
# config_passed_over.sh - keys of a model folder's configuration that change what is computed were
# passed over: scaled rotary positions, another activation, theta where newer folders have it, fewer
# layers than there are. Another model was computed than the folder says, and nobody said so.
. "${srcdir:-.}/tests/cli/lib.sh"
small
cp -r "$room/model" "$room/good"
settings="-d ref --timesteps 3 --seed 7 -s 32x32 --no-metadata -q"

# with FILE TEXT: the folder is as it was, but for TEXT, which stands first in FILE
with() {
  rm -rf "$room/model"
  cp -r "$room/good" "$room/model"
  sed "0,/{/s|{|{$2|" "$room/good/$1" >"$room/model/$1"
}

# instead FILE FROM TO: the same with something replaced
instead() {
  with "$1" ''
  sed "s|$2|$3|" "$room/good/$1" >"$room/model/$1"
}

wrong() {
  refused 1 "$1" draw cat -d ref -o no.png
  says 1 inspect "$room/model"
  holds "$room/out" "^wrong: .*$1"
}

llm=llm_config.json vit=vit_config.json
while read -r file text; do
  with "$file" "$text"
  key=${text#\"}
  wrong "$file: ${key%%\"*}"
done <<END
$llm "rope_scaling": {"rope_type": "linear", "factor": 4.0},
$llm "rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768},
$llm "rope_scaling": {"factor": 2},
$llm "rope_scaling": {"mrope_section": [2, 3, 3], "type": "default"},
$llm "rope_scaling": "linear",
$llm "rope_parameters": {"rope_type": "dynamic", "rope_theta": 1000000.0},
$llm "rope_parameters": {"full_attention": {"rope_theta": 10000.0}},
$llm "partial_rotary_factor": 0.5,
$llm "use_sliding_window": true,
$llm "layer_types": ["full_attention", "sliding_attention"],
$llm "layer_module": "Qwen2MoXDecoderLayer",
$llm "mlp_bias": true,
$llm "quantization_config": {"bits": 4},
$llm "final_logit_softcapping": 30.0,
$vit "hidden_act": "gelu",
$vit "rope": true,
$vit "num_channels": 1,
motcl.json "vision": {"max_side": 3},
END
instead $llm '"hidden_act": "silu"' '"hidden_act": "gelu"'
wrong 'hidden_act is "gelu"'
instead $llm '"model_type": "qwen2"' '"model_type": "llama"'
wrong 'model_type is "llama"'
instead $vit siglip_vision_model clip_vision_model
wrong 'model_type is "clip_vision_model"'
instead tokenizer_config.json '"add_prefix_space": false' '"add_prefix_space": true'
wrong 'tokenizer_config.json: add_prefix_space is true'
instead $llm '"num_hidden_layers": 2' '"num_hidden_layers": 1'
wrong 'num_hidden_layers is 1, and the weights hold more'
instead $vit '"num_hidden_layers": 3' '"num_hidden_layers": 2'
says 0 inspect "$room/model" # the last one is not used, and need not be there
with $llm '"rope_parameters": {"rope_theta": 500.0},'
refused 1 'rope_theta is 1e+06, and 500 in rope_parameters' draw cat -d ref -o no.png

# theta by either name is theta
instead $llm '"rope_theta": 1000000.0' '"rope_theta": 500.0'
says 0 draw cat $settings -o old.png
instead $llm '"rope_theta": 1000000.0' '"rope_parameters": {"rope_theta": 500.0, "rope_type": "default"}'
says 0 draw cat $settings -o new.png
cmp -s old.png new.png || fail "theta in rope_parameters is another theta"
instead $llm '"rope_theta": 1000000.0,' ''
says 0 draw cat $settings -o none.png
cmp -s old.png none.png && fail "theta makes no difference: the test shows nothing"

# what changes nothing does not
with $llm '"rope_scaling": null, "sliding_window": 5, "dtype": "float16", "layer_types": ["full_attention", "full_attention"], "partial_rotary_factor": 1, "rope_parameters": {"rope_theta": 1000000, "rope_type": "default"},'
says 0 draw cat $settings -o same.png
with $llm ''
says 0 draw cat $settings -o plain.png
cmp -s same.png plain.png || fail "keys that change nothing changed something"
says 0 inspect "$room/model"
lacks "$room/out" 'not known'

# and what nobody knows is named
with $llm '"a_new_key": 1, "another\\u001b[31m": 2,'
says 0 inspect "$room/model"
holds "$room/out" "^remark: llm_config.json: 2 keys are not known here, and are not obeyed: 'a_new_key', \$'another.033\[31m'"
lacks "$room/out" "$(printf '\033')"

finish
