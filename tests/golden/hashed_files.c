/* hashed_files.c - configurations and safetensors of the hash-made model. Bytes are the same on any
 * machine, and each file's digest is printed so that a test can say so. */
#include "hashed_files.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "hashed.h"

static void fail(const char *what, const char *name) {
  fprintf(stderr, "make_hashed: cannot %s %s\n", what, name);
  exit(1);
}

void hashed_open(hashed_file *file, const char *folder, const char *name) {
  char path[4096];
  const int n = snprintf(path, sizeof path, "%s/%s", folder, name);
  file->f = n > 0 && (size_t)n < sizeof path ? fopen(path, "wb") : NULL;
  if (!file->f) {
    fail("write", name);
  }
  file->name = name;
  file->digest = HASHED_FNV_START;
  file->bytes = 0;
}

void hashed_write(hashed_file *file, const void *data, size_t n) {
  if (fwrite(data, 1, n, file->f) != n) {
    fail("write", file->name);
  }
  file->digest = hashed_fnv(file->digest, data, n);
  file->bytes += n;
}

void hashed_print(hashed_file *file, const char *format, ...) {
  char text[2048];
  va_list args;
  va_start(args, format);
  const int n = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (n < 0 || (size_t)n >= sizeof text) {
    fail("format a line of", file->name);
  }
  hashed_write(file, text, (size_t)n);
}

void hashed_close(hashed_file *file) {
  if (fclose(file->f) != 0) {
    fail("write", file->name);
  }
  printf("%016llx %zu %s\n", (unsigned long long)file->digest, file->bytes, file->name);
}

static void write_decoder_config(const char *folder) {
  hashed_file f;
  hashed_open(&f, folder, "llm_config.json");
  hashed_print(&f,
               "{\"architectures\": [\"Qwen2ForCausalLM\"], \"model_type\": \"qwen2\",\n"
               " \"hidden_size\": %d, \"num_hidden_layers\": %d, \"num_attention_heads\": %d,\n"
               " \"num_key_value_heads\": %d, \"intermediate_size\": %d, \"vocab_size\": %d,\n"
               " \"rope_theta\": 1000000.0, \"rms_norm_eps\": 1e-06, \"hidden_act\": \"silu\",\n"
               " \"max_position_embeddings\": 32768, \"tie_word_embeddings\": false}\n",
               HASHED_HIDDEN, HASHED_LAYERS, HASHED_HEADS, HASHED_KV_HEADS, HASHED_INTERMEDIATE,
               HASHED_VOCAB);
  hashed_close(&f);
}

static void write_vision_config(const char *folder) {
  hashed_file f;
  hashed_open(&f, folder, "vit_config.json");
  hashed_print(&f,
               "{\"model_type\": \"siglip_vision_model\", \"hidden_size\": %d,\n"
               " \"num_hidden_layers\": %d, \"num_attention_heads\": %d,\n"
               " \"intermediate_size\": %d, \"image_size\": %d, \"patch_size\": %d}\n",
               HASHED_VIS_HIDDEN, HASHED_VIS_LAYERS, HASHED_VIS_HEADS, HASHED_VIS_INTERMEDIATE,
               HASHED_VIS_SIDE * HASHED_PATCH, HASHED_PATCH);
  hashed_close(&f);
  hashed_open(&f, folder, "config.json");
  hashed_print(&f, "{\"architectures\": [\"BagelForConditionalGeneration\"], "
                   "\"model_type\": \"bagel\"}\n");
  hashed_close(&f);
}

static void write_motcl_config(const hashed_options *o) {
  hashed_file f;
  hashed_open(&f, o->folder, "motcl.json");
  hashed_print(&f, "{\"note\": \"weights made from a hash: what it draws and writes is noise\",\n"
                   " \"picture\": {\n"
                   "  \"vae\": {\"longest\": 64, \"shortest\": 32, \"stride\": 16, "
                   "\"max_pixels\": 3072},\n"
                   "  \"vit\": {\"longest\": 56, \"shortest\": 28, \"stride\": 14, "
                   "\"max_pixels\": 2744}},\n"
                   " \"draw\": {\"width\": 64, \"height\": 48}");
  if (!o->tables && o->latent_side != 64) {
    hashed_print(&f, ",\n \"latent\": {\"max_size\": %zu}", o->latent_side);
  }
  hashed_print(&f, "}\n");
  hashed_close(&f);
}

static const char *kind_name(hashed_kind kind) {
  return kind == HASHED_MOT ? "mot" : kind == HASHED_MOE ? "moe" : "dense";
}

/* What no file of the release says, for the official code. */
static void write_oracle_config(const hashed_options *o) {
  hashed_file f;
  hashed_open(&f, o->folder, "oracle.json");
  hashed_print(&f,
               "{\"size\": \"hashed\", \"seed\": %llu, \"kind\": \"%s\", \"dtype\": \"%s\",\n"
               " \"conv_patch\": %s, \"tables\": %s, \"shards\": %zu, \"latent_side\": %zu,\n"
               " \"ae\": {\"ch\": %d, \"ch_mult\": [",
               (unsigned long long)o->seed, kind_name(o->kind),
               o->dtype == HASHED_F32    ? "f32"
               : o->dtype == HASHED_BF16 ? "bf16"
                                         : "f16",
               o->conv_patch ? "true" : "false", o->tables ? "true" : "false", o->shards,
               o->latent_side, HASHED_AE_CH);
  for (int i = 0; i < HASHED_AE_LEVELS; i++) {
    hashed_print(&f, "%s%zu", i ? ", " : "", hashed_ae_mult[i]);
  }
  hashed_print(&f, "], \"z_channels\": %d},\n \"ids_in_use\": %zu, \"tokens\": {", HASHED_Z,
               hashed_ids());
  const char *const names[] = {"<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>",
                               "<|vision_end|>"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    hashed_print(&f, "%s\"%s\": %zu", i ? ", " : "", names[i], hashed_added_id(names[i]));
  }
  hashed_print(&f, "}}\n");
  hashed_close(&f);
}

void hashed_write_configs(const hashed_options *o) {
  write_decoder_config(o->folder);
  write_vision_config(o->folder);
  write_motcl_config(o);
  write_oracle_config(o);
}

static size_t element_bytes(hashed_dtype dtype) {
  return dtype == HASHED_F32 ? 4 : 2;
}

/* Appends to text (of size cap, len used); the header of a file of this size fits by far. */
static size_t describe(char *text, size_t cap, size_t len, const hashed_tensor *t,
                       const char *dtype, size_t begin, size_t end) {
  len += (size_t)snprintf(text + len, cap - len, "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[",
                          len > 1 ? "," : "", t->name, dtype);
  for (size_t i = 0; i < t->rank; i++) {
    len += (size_t)snprintf(text + len, cap - len, "%s%zu", i ? "," : "", t->dim[i]);
  }
  len += (size_t)snprintf(text + len, cap - len, "],\"data_offsets\":[%zu,%zu]}", begin, end);
  return len;
}

static void write_header(hashed_file *f, hashed_dtype dtype, const hashed_list *list, size_t from,
                         size_t to) {
  const char *const names[] = {"F32", "BF16", "F16"};
  const size_t cap = 256 * (to - from) + 64;
  char *text = malloc(cap);
  if (!text) {
    fail("hold", "the header");
  }
  size_t len = 0, offset = 0;
  text[len++] = '{';
  for (size_t i = from; i < to; i++) {
    const size_t bytes = hashed_count(&list->at[i]) * element_bytes(dtype);
    len = describe(text, cap, len, &list->at[i], names[dtype], offset, offset + bytes);
    offset += bytes;
  }
  text[len++] = '}';
  while (len % 8 != 0) {
    text[len++] = ' ';
  }
  unsigned char size[8];
  for (int i = 0; i < 8; i++) {
    size[i] = (unsigned char)((uint64_t)len >> (8 * i));
  }
  hashed_write(f, size, sizeof size);
  hashed_write(f, text, len);
  free(text);
}

/* Little-endian elements of the type, in place: an element never grows. */
static void encode(float *values, size_t n, hashed_dtype dtype) {
  unsigned char *out = (unsigned char *)values;
  for (size_t i = 0; i < n; i++) {
    uint32_t u;
    memcpy(&u, &values[i], sizeof u);
    if (dtype != HASHED_F32) {
      float f;
      memcpy(&f, &u, sizeof f);
      u = dtype == HASHED_BF16 ? hashed_to_bf16(f) : hashed_to_f16(f);
    }
    for (size_t b = 0; b < element_bytes(dtype); b++) {
      *out++ = (unsigned char)(u >> (8 * b));
    }
  }
}

void hashed_write_weights(const hashed_options *o, hashed_dtype dtype, const char *name,
                          const hashed_list *list, size_t from, size_t to) {
  hashed_file f;
  hashed_open(&f, o->folder, name);
  write_header(&f, dtype, list, from, to);
  for (size_t i = from; i < to; i++) {
    const size_t n = hashed_count(&list->at[i]);
    float *values = malloc(n * sizeof *values);
    if (!values) {
      fail("hold", list->at[i].name);
    }
    hashed_make(values, &list->at[i], o->seed, hashed_ids(), hashed_added_id("<|im_end|>"));
    encode(values, n, dtype);
    hashed_write(&f, values, n * element_bytes(dtype));
    free(values);
  }
  hashed_close(&f);
}
