/* config_keys.c - the table of keys. A key that is not obeyed is looked up by those who wonder whether
 * it should be; so a new one comes into the table by a decision. */
#include "model/config_keys.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "io/json.h"

/* What becomes of a key. `null` is the same as no key, whatever the rule. */
typedef enum rule {
  OBEYED,  /* its value is read */
  NEUTRAL, /* nothing that is computed depends on it */
  ONLY,    /* neutral at the values named, refused at others; of a list each member is looked at */
  INSIDE   /* an object whose members stand in the table, behind a dot; others are refused */
} rule;

/* Files that a row is for. */
enum { LLM = 1, VIT = 2, OURS = 4, TOK = 8, BOTH = LLM | VIT };

static const struct {
  const char *name;
  unsigned file;
} files[] = {{"llm_config.json", LLM},
             {"vit_config.json", VIT},
             {"motcl.json", OURS},
             {"tokenizer_config.json", TOK}};

typedef struct key {
  unsigned file;
  rule rule;
  const char *name;
  const char *values; /* of ONLY: a list in JSON */
} key;

/* Scaled rotary positions are refused, not computed: what the names mean differs between versions of
 * the library that they come from. Told by the tensors: biases, norms of q and k, the kind of layer. */
static const key keys[] = {
    {BOTH, OBEYED, "hidden_size", NULL},
    {BOTH, OBEYED, "num_hidden_layers", NULL},
    {BOTH, OBEYED, "num_attention_heads", NULL},
    {BOTH, OBEYED, "intermediate_size", NULL},
    {LLM, OBEYED, "num_key_value_heads", NULL},
    {LLM, OBEYED, "vocab_size", NULL},
    {LLM, OBEYED, "rms_norm_eps", NULL},
    {LLM, OBEYED, "max_position_embeddings", NULL},
    {LLM, OBEYED, "tie_word_embeddings", NULL},
    {LLM, OBEYED, "rope_theta", NULL},
    {LLM, INSIDE, "rope_parameters", NULL},
    {LLM, OBEYED, "rope_parameters.rope_theta", NULL},
    {LLM, ONLY, "rope_parameters.rope_type", "[\"default\"]"},
    {LLM, ONLY, "rope_parameters.type", "[\"default\"]"},
    {LLM, ONLY, "rope_parameters.factor", "[1]"},
    {LLM, ONLY, "rope_parameters.partial_rotary_factor", "[1]"},
    {LLM, INSIDE, "rope_scaling", NULL},
    {LLM, ONLY, "rope_scaling.rope_type", "[\"default\"]"},
    {LLM, ONLY, "rope_scaling.type", "[\"default\"]"},
    {LLM, ONLY, "rope_scaling.factor", "[1]"},
    {LLM, OBEYED, "rope_scaling.rope_theta", NULL},
    {LLM, ONLY, "partial_rotary_factor", "[1]"},
    {LLM, ONLY, "hidden_act", "[\"silu\", \"swish\"]"},
    {LLM, ONLY, "model_type", "[\"qwen2\"]"},
    {LLM, ONLY, "layer_module",
     "[\"Qwen2MoTDecoderLayer\", \"Qwen2MoEDecoderLayer\", \"Qwen2DecoderLayer\"]"},
    {LLM, ONLY, "layer_types", "[\"full_attention\"]"},
    {LLM, ONLY, "use_sliding_window", "[false]"},
    {LLM, ONLY, "mlp_bias", "[false]"},
    {LLM, ONLY, "is_causal", "[true]"},
    {LLM, ONLY, "attn_logit_softcapping", "[]"},
    {LLM, ONLY, "final_logit_softcapping", "[]"},
    {LLM, ONLY, "attention_multiplier", "[]"},
    {LLM, ONLY, "query_pre_attn_scalar", "[]"},
    {LLM, ONLY, "embedding_multiplier", "[1]"},
    {LLM, ONLY, "residual_multiplier", "[1]"},
    {LLM, ONLY, "logits_scaling", "[1]"},
    {LLM, ONLY, "logit_scale", "[1]"},
    {LLM, ONLY, "num_experts", "[0]"},
    {LLM, NEUTRAL, "head_dim", NULL}, /* width by heads, as the official code has it */
    {LLM, NEUTRAL, "sliding_window", NULL},
    {LLM, NEUTRAL, "max_window_layers", NULL},
    {LLM, NEUTRAL, "attention_bias", NULL},
    {LLM, NEUTRAL, "qkv_bias", NULL},
    {LLM, NEUTRAL, "qk_norm", NULL},
    {LLM, NEUTRAL, "use_qk_norm", NULL},
    {LLM, NEUTRAL, "freeze_und", NULL},

    {VIT, OBEYED, "patch_size", NULL},
    {VIT, OBEYED, "layer_norm_eps", NULL},
    {VIT, ONLY, "hidden_act", "[\"gelu_pytorch_tanh\", \"gelu_new\"]"},
    {VIT, ONLY, "model_type", "[\"siglip_vision_model\"]"},
    {VIT, ONLY, "num_channels", "[3]"},
    {VIT, ONLY, "rope", "[false]"},
    {VIT, NEUTRAL, "image_size", NULL}, /* the table's side is the tensor's */
    {VIT, NEUTRAL, "vision_use_head", NULL},
    {VIT, NEUTRAL, "projection_dim", NULL},
    {VIT, NEUTRAL, "projector_hidden_act", NULL},
    {VIT, NEUTRAL, "initializer_factor", NULL},

    {BOTH, ONLY, "quantization_config", "[]"},
    {BOTH, ONLY, "pruned_heads", "[{}]"},
    {BOTH, ONLY, "is_encoder_decoder", "[false]"},
    {BOTH, ONLY, "add_cross_attention", "[false]"},
    {BOTH, NEUTRAL, "attention_dropout", NULL},
    {BOTH, NEUTRAL, "architectures", NULL},
    {BOTH, NEUTRAL, "initializer_range", NULL},
    {BOTH, NEUTRAL, "torch_dtype", NULL}, /* each tensor has its own */
    {BOTH, NEUTRAL, "dtype", NULL},
    {BOTH, NEUTRAL, "transformers_version", NULL},
    {BOTH, NEUTRAL, "_name_or_path", NULL},
    {BOTH, NEUTRAL, "_commit_hash", NULL},
    {BOTH, NEUTRAL, "_attn_implementation", NULL},
    {BOTH, NEUTRAL, "_attn_implementation_autoset", NULL},
    {BOTH, NEUTRAL, "attn_implementation", NULL},
    {BOTH, NEUTRAL, "use_cache", NULL},
    {BOTH, NEUTRAL, "auto_map", NULL},
    {BOTH, NEUTRAL, "bos_token_id", NULL}, /* markers are the tokenizer's */
    {BOTH, NEUTRAL, "eos_token_id", NULL},
    {BOTH, NEUTRAL, "pad_token_id", NULL},
    {BOTH, NEUTRAL, "sep_token_id", NULL},
    {BOTH, NEUTRAL, "decoder_start_token_id", NULL},
    {BOTH, NEUTRAL, "tokenizer_class", NULL},
    {BOTH, NEUTRAL, "prefix", NULL},
    {BOTH, NEUTRAL, "is_decoder", NULL},
    {BOTH, NEUTRAL, "cross_attention_hidden_size", NULL},
    {BOTH, NEUTRAL, "tie_encoder_decoder", NULL},
    {BOTH, NEUTRAL, "chunk_size_feed_forward", NULL},
    {BOTH, NEUTRAL, "return_dict", NULL},
    {BOTH, NEUTRAL, "output_attentions", NULL},
    {BOTH, NEUTRAL, "output_hidden_states", NULL},
    {BOTH, NEUTRAL, "output_scores", NULL},
    {BOTH, NEUTRAL, "return_dict_in_generate", NULL},
    {BOTH, NEUTRAL, "torchscript", NULL},
    {BOTH, NEUTRAL, "use_bfloat16", NULL},
    {BOTH, NEUTRAL, "tf_legacy_loss", NULL},
    {BOTH, NEUTRAL, "problem_type", NULL},
    {BOTH, NEUTRAL, "finetuning_task", NULL},
    {BOTH, NEUTRAL, "task_specific_params", NULL},
    {BOTH, NEUTRAL, "id2label", NULL},
    {BOTH, NEUTRAL, "label2id", NULL},
    /* of writing, which is asked for by settings */
    {BOTH, NEUTRAL, "max_length", NULL},
    {BOTH, NEUTRAL, "min_length", NULL},
    {BOTH, NEUTRAL, "do_sample", NULL},
    {BOTH, NEUTRAL, "early_stopping", NULL},
    {BOTH, NEUTRAL, "num_beams", NULL},
    {BOTH, NEUTRAL, "num_beam_groups", NULL},
    {BOTH, NEUTRAL, "num_return_sequences", NULL},
    {BOTH, NEUTRAL, "diversity_penalty", NULL},
    {BOTH, NEUTRAL, "temperature", NULL},
    {BOTH, NEUTRAL, "top_k", NULL},
    {BOTH, NEUTRAL, "top_p", NULL},
    {BOTH, NEUTRAL, "typical_p", NULL},
    {BOTH, NEUTRAL, "repetition_penalty", NULL},
    {BOTH, NEUTRAL, "length_penalty", NULL},
    {BOTH, NEUTRAL, "exponential_decay_length_penalty", NULL},
    {BOTH, NEUTRAL, "no_repeat_ngram_size", NULL},
    {BOTH, NEUTRAL, "encoder_no_repeat_ngram_size", NULL},
    {BOTH, NEUTRAL, "bad_words_ids", NULL},
    {BOTH, NEUTRAL, "suppress_tokens", NULL},
    {BOTH, NEUTRAL, "begin_suppress_tokens", NULL},
    {BOTH, NEUTRAL, "forced_bos_token_id", NULL},
    {BOTH, NEUTRAL, "forced_eos_token_id", NULL},
    {BOTH, NEUTRAL, "remove_invalid_values", NULL},

    {OURS, NEUTRAL, "note", NULL},
    {OURS, OBEYED, "name", NULL},
    {OURS, OBEYED, "protocol", NULL},
    {OURS, INSIDE, "picture", NULL},
    {OURS, INSIDE, "picture.vae", NULL},
    {OURS, OBEYED, "picture.vae.longest", NULL},
    {OURS, OBEYED, "picture.vae.shortest", NULL},
    {OURS, OBEYED, "picture.vae.stride", NULL},
    {OURS, OBEYED, "picture.vae.max_pixels", NULL},
    {OURS, INSIDE, "picture.vit", NULL},
    {OURS, OBEYED, "picture.vit.longest", NULL},
    {OURS, OBEYED, "picture.vit.shortest", NULL},
    {OURS, OBEYED, "picture.vit.stride", NULL},
    {OURS, OBEYED, "picture.vit.max_pixels", NULL},
    {OURS, INSIDE, "draw", NULL},
    {OURS, OBEYED, "draw.width", NULL},
    {OURS, OBEYED, "draw.height", NULL},
    {OURS, INSIDE, "latent", NULL},
    {OURS, OBEYED, "latent.max_size", NULL},
    {OURS, INSIDE, "vision", NULL},
    {OURS, OBEYED, "vision.max_size", NULL},

    {TOK, OBEYED, "added_tokens_decoder", NULL},
    {TOK, OBEYED, "split_special_tokens", NULL},
    {TOK, ONLY, "tokenizer_class", "[\"Qwen2Tokenizer\", \"Qwen2TokenizerFast\"]"},
    {TOK, ONLY, "add_prefix_space", "[false]"},
    {TOK, ONLY, "do_lower_case", "[false]"},
    {TOK, ONLY, "add_bos_token", "[false]"},
    {TOK, ONLY, "add_eos_token", "[false]"},
    {TOK, NEUTRAL, "additional_special_tokens", NULL},
    {TOK, NEUTRAL, "extra_special_tokens", NULL},
    {TOK, NEUTRAL, "bos_token", NULL},
    {TOK, NEUTRAL, "eos_token", NULL},
    {TOK, NEUTRAL, "pad_token", NULL},
    {TOK, NEUTRAL, "unk_token", NULL},
    {TOK, NEUTRAL, "clean_up_tokenization_spaces", NULL},
    {TOK, NEUTRAL, "errors", NULL},
    {TOK, NEUTRAL, "model_max_length", NULL},
    {TOK, NEUTRAL, "model_input_names", NULL},
    {TOK, NEUTRAL, "chat_template", NULL},
    {TOK, NEUTRAL, "padding_side", NULL},
    {TOK, NEUTRAL, "truncation_side", NULL},
    {TOK, NEUTRAL, "name_or_path", NULL},
    {TOK, NEUTRAL, "tokenizer_file", NULL},
    {TOK, NEUTRAL, "special_tokens_map_file", NULL},
    {TOK, NEUTRAL, "processor_class", NULL},
    {TOK, NEUTRAL, "auto_map", NULL},
    {TOK, NEUTRAL, "legacy", NULL},
    {TOK, NEUTRAL, "use_fast", NULL},
    {TOK, NEUTRAL, "from_slow", NULL},
    {TOK, NEUTRAL, "is_local", NULL},
};

enum { NAME_BYTES = 200, VALUE_BYTES = 80, UNKNOWN_BYTES = 400 };

/* A file being looked through. `unknown` names keys, as many as there is room for. */
typedef struct check {
  mcl_store *notes;
  const char *name;
  unsigned file;
  size_t unknowns;
  char unknown[UNKNOWN_BYTES];
} check;

static const key *find(const check *c, const char *name) {
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    if ((keys[i].file & c->file) && !strcmp(keys[i].name, name))
      return &keys[i];
  return NULL;
}

static bool same(const json_t *a, const json_t *b) {
  if (json_is_number(a) && json_is_number(b))
    return json_number_value(a) == json_number_value(b);
  return json_equal(a, b);
}

static bool is_among(const json_t *value, const json_t *values) {
  for (size_t i = 0; i < json_array_size(values); i++)
    if (same(value, json_array_get(values, i)))
      return true;
  return false;
}

static bool allowed(const json_t *value, const json_t *values) {
  if (!json_is_array(value))
    return is_among(value, values);
  for (size_t i = 0; i < json_array_size(value); i++)
    if (!is_among(json_array_get(value, i), values))
      return false;
  return true;
}

/* A value as it is written, cut where it is long. */
static void print(char out[VALUE_BYTES], const json_t *value) {
  char *text = mcl_json_print(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(9));
  const size_t most = VALUE_BYTES - 4;
  size_t n = text ? strlen(text) : 0;
  if (n > most)
    for (n = most; n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80; n--)
      ;
  snprintf(out, VALUE_BYTES, "%.*s%s", (int)n, text ? text : "?", text && text[n] ? "..." : "");
  mcl_free(text);
}

static void note_refused(const check *c, const char *name, const json_t *value,
                         const json_t *values) {
  char is[VALUE_BYTES], only[VALUE_BYTES], list[3 * VALUE_BYTES] = "";
  print(is, value);
  for (size_t i = 0; i < json_array_size(values); i++) {
    size_t n = strlen(list);
    print(only, json_array_get(values, i));
    snprintf(list + n, sizeof list - n, "%s%s", n ? " or " : "", only);
  }
  if (*list)
    mcl_store_note(c->notes, true, "%s: %s is %s, and only %s is computed here", c->name, name, is,
                   list);
  else
    mcl_store_note(c->notes, true, "%s: %s is %s, which is not computed here", c->name, name, is);
}

static void check_only(const check *c, const key *k, const json_t *value) {
  json_t *values = NULL;
  if (mcl_json_parse(&values, k->values, strlen(k->values), k->name, NULL) != MOTCL_OK)
    mcl_store_no_memory(c->notes);
  else if (!allowed(value, values))
    note_refused(c, k->name, value, values);
  json_decref(values);
}

static void add_unknown(check *c, const char *name) {
  size_t n = strlen(c->unknown);
  c->unknowns++;
  if (n + strlen(name) + 8 < sizeof c->unknown)
    snprintf(c->unknown + n, sizeof c->unknown - n, "%s'%s'", n ? ", " : "", name);
}

static void check_object(check *c, const char *prefix, const json_t *object);

static void check_member(check *c, const char *prefix, const char *member, const json_t *value) {
  char name[NAME_BYTES];
  snprintf(name, sizeof name, "%s%s%.100s", prefix, *prefix ? "." : "", member);
  const key *k = find(c, name);
  if (json_is_null(value))
    return;
  if (!k && *prefix)
    note_refused(c, name, value, NULL);
  else if (!k)
    add_unknown(c, name);
  else if (k->rule == ONLY)
    check_only(c, k, value);
  else if (k->rule == INSIDE && json_is_object(value))
    check_object(c, name, value);
  else if (k->rule == INSIDE)
    mcl_store_note(c->notes, true, "%s: %s is no object", c->name, name);
}

static void check_object(check *c, const char *prefix, const json_t *object) {
  const char *member;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)object, member, value)
      check_member(c, prefix, member, value);
}

void mcl_config_keys_check(mcl_store *notes, const char *name, const json_t *file) {
  check c = {.notes = notes, .name = name};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++)
    if (!strcmp(files[i].name, name))
      c.file = files[i].file;
  if (!c.file || !file)
    return;
  check_object(&c, "", file);
  if (c.unknowns)
    mcl_store_note(notes, false, "%s: %zu key%s not known here, and %s not obeyed: %s", name,
                   c.unknowns, c.unknowns == 1 ? " is" : "s are", c.unknowns == 1 ? "is" : "are",
                   c.unknown);
}
