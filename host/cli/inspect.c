/* inspect.c - motcl inspect: what a model folder holds, expert by expert, and what is wrong with
 * it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/inspect_picture.h"
#include "cli/print.h"
#include "io/json.h"
#include "model/model.h"
#include "text/tokenizer.h"

typedef enum group { UND, GEN, BOTH, BRIDGES, VISION, AUTOENCODER, GROUPS } group;

/* Tensors of one group. `types` bit i: some are of type i. */
typedef struct sum {
  size_t tensors;
  uint64_t parameters, bytes;
  unsigned types;
} sum;

/* A folder looked at. `tokens` is 0 if there is no tokenizer, and `tok_err` says why. */
typedef struct folder {
  const char *dir;
  mcl_model *model;
  const mcl_finding *finding;
  size_t findings;
  sum sum[GROUPS];
  uint32_t tokens;
  motcl_err tok_err;
  json_t *own; /* motcl.json, or NULL */
  const char *note;
  bool good;
} folder;

static const char *const labels[GROUPS] = {
    [UND] = "und expert",  [GEN] = "gen expert",        [BOTH] = "both experts",
    [BRIDGES] = "bridges", [VISION] = "vision encoder", [AUTOENCODER] = "autoencoder"};

static bool begins(const char *s, const char *with) {
  return !strncmp(s, with, strlen(with));
}

/* Which expert a decoder's weight belongs to; in a MoE decoder they differ in MLP and last norm
 * only, and a dense one has no gen expert. */
static group expert_of(const mcl_config *c, const char *name) {
  if (strstr(name, "_moe_gen"))
    return GEN;
  if (c->decoder.kind == MCL_DENSE || strstr(name, "embed_tokens") || strstr(name, "lm_head"))
    return BOTH;
  if (c->decoder.kind == MCL_MOE && !strstr(name, ".mlp.") && !strstr(name, "model.norm."))
    return BOTH;
  return UND;
}

static group group_of(const mcl_config *c, const char *name) {
  if (begins(name, "language_model."))
    return expert_of(c, name);
  if (begins(name, "vit_model."))
    return VISION;
  if (begins(name, "encoder.") || begins(name, "decoder."))
    return AUTOENCODER;
  return BRIDGES;
}

static void add_up(folder *f) {
  for (size_t i = 0; i < mcl_model_weights(f->model); i++) {
    const mcl_weight *w = mcl_model_weight_at(f->model, i);
    sum *s = &f->sum[group_of(&f->model->config, w->name)];
    s->tensors++;
    s->parameters += mcl_weight_count(w);
    s->bytes += mcl_weight_bytes(w);
    s->types |= 1u << w->type;
  }
}

static void look_at_tokenizer(folder *f) {
  mcl_tok *tok = NULL;
  if (mcl_tok_open(&tok, f->dir, &f->tok_err) == MOTCL_OK) {
    f->tokens = mcl_tok_count(tok);
    if (f->tokens > f->model->config.decoder.vocab)
      mcl_fail(&f->tok_err, MOTCL_EMODEL,
               "the tokenizer has ids up to %" PRIu32 " and the model only %" PRIu32
               "; the folder mixes two models",
               f->tokens - 1, f->model->config.decoder.vocab);
  }
  mcl_tok_close(tok);
}

/* What the maker of a folder says of it. A file that cannot be read was a finding already. */
static void look_at_note(folder *f) {
  char path[4096];
  int n = snprintf(path, sizeof path, "%s/motcl.json", f->dir);
  if (n < 0 || (size_t)n >= sizeof path ||
      mcl_json_load_file(&f->own, path, (size_t)1 << 20, NULL) != MOTCL_OK ||
      mcl_json_str_or(f->own, "note", NULL, &f->note, NULL) != MOTCL_OK)
    f->note = NULL;
}

static void put_types(char out[40], unsigned types) {
  size_t n = 0;
  out[0] = 0;
  for (int t = 0; t < MCL_TYPE_COUNT; t++)
    if (types >> t & 1)
      n += (size_t)snprintf(out + n, 40 - n, "%s%s", n ? " " : "", mcl_type_name((mcl_type)t));
}

static const char *kind_of(const mcl_config *c) {
  static const char *const names[] = {[MCL_DENSE] = "Dense", [MCL_MOE] = "MoE", [MCL_MOT] = "MoT"};
  return names[c->decoder.kind];
}

static void print_sizes(const folder *f) {
  const mcl_decoder_config *d = &f->model->config.decoder;
  const mcl_vision_config *v = &f->model->config.vision;
  const mcl_vae_config *a = &f->model->config.vae;
  const mcl_picture_config *p = &f->model->config.picture;
  printf("decoder       %s, %u layers of %u, %u heads and %u for keys of %u, inner %u, vocabulary "
         "%u\n",
         kind_of(&f->model->config), d->layers, d->hidden, d->heads, d->kv_heads, d->head,
         d->intermediate, d->vocab);
  if (f->model->can_see)
    printf("vision        %u layers of %u, %u heads of %u, inner %u, patches of %u, table %ux%u\n",
           v->layers, v->hidden, v->heads, v->head, v->intermediate, v->patch, v->side, v->side);
  else
    puts("vision        none: the model cannot look at pictures");
  if (!f->model->can_draw)
    puts("autoencoder   none: the model cannot draw");
  else {
    printf("autoencoder   channels");
    for (uint32_t i = 0; i < a->levels; i++)
      printf(" %u", a->channels[i]);
    printf(", latent of %u\n", a->z);
    printf("pictures      %ux%u unless asked otherwise, sides up to %u\n", p->width, p->height,
           p->latent_side * (p->patch << (a->levels ? a->levels - 1 : 0)));
  }
  if (f->tokens)
    printf("tokenizer     %u ids\n", f->tokens);
}

static void print_sums(const folder *f) {
  sum all = {0};
  char parameters[16], bytes[16], types[40];
  printf("\n%-16s%8s%12s%12s  %s\n", "", "tensors", "parameters", "bytes", "types");
  for (int g = 0; g <= GROUPS; g++) {
    const sum *s = g < GROUPS ? &f->sum[g] : &all;
    if (!s->tensors)
      continue;
    put_types(types, s->types);
    printf("%-16s%8zu%12s%12s  %s\n", g < GROUPS ? labels[g] : "all", s->tensors,
           mcl_count_text(parameters, (double)s->parameters), mcl_bytes_text(bytes, s->bytes),
           types);
    all.tensors += s->tensors;
    all.parameters += s->parameters;
    all.bytes += s->bytes;
    all.types |= s->types;
  }
}

static void print_text(const folder *f) {
  printf("%s\n%s%s\n", f->dir, f->note ? f->note : "", f->note ? "\n" : "");
  print_sizes(f);
  print_sums(f);
  puts("");
  for (size_t i = 0; i < f->findings; i++)
    printf("%s: %s\n", f->finding[i].error ? "wrong" : "remark", f->finding[i].text);
  if (f->tok_err.code != MOTCL_OK)
    printf("wrong: %s\n", f->tok_err.text);
  puts(f->good ? "The model can be used." : "The model cannot be used.");
}

static json_t *sums_json(const folder *f) {
  json_t *all = json_object();
  for (int g = 0; g < GROUPS; g++) {
    char types[40];
    const sum *s = &f->sum[g];
    put_types(types, s->types);
    json_object_set_new(all, labels[g],
                        json_pack("{s:I, s:I, s:I, s:s}", "tensors", (json_int_t)s->tensors,
                                  "parameters", (json_int_t)s->parameters, "bytes",
                                  (json_int_t)s->bytes, "types", types));
  }
  return all;
}

static json_t *findings_json(const folder *f) {
  json_t *all = json_array();
  for (size_t i = 0; i < f->findings; i++)
    json_array_append_new(all, json_pack("{s:b, s:o}", "error", f->finding[i].error, "text",
                                         mcl_json_text(f->finding[i].text)));
  if (f->tok_err.code != MOTCL_OK)
    json_array_append_new(
        all, json_pack("{s:b, s:o}", "error", 1, "text", mcl_json_text(f->tok_err.text)));
  return all;
}

static json_t *channels_json(const mcl_vae_config *a) {
  json_t *all = json_array();
  for (uint32_t i = 0; i < a->levels; i++)
    json_array_append_new(all, json_integer(a->channels[i]));
  return all;
}

static json_t *to_json(const folder *f) {
  const mcl_config *c = &f->model->config;
  const mcl_decoder_config *d = &c->decoder;
  const mcl_vision_config *v = &c->vision;
  return json_pack(
      "{s:o, s:s?, s:b, s:b, s:b, s:{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I}, s:{s:I, s:I, s:I, "
      "s:I, s:I,"
      " s:I}, s:{s:o, s:I}, s:{s:I, s:I, s:I}, s:I, s:o, s:o}",
      "folder", mcl_json_text(f->dir), "note", f->note, "usable", f->good, "can_see",
      f->model->can_see, "can_draw", f->model->can_draw, "decoder", "kind", kind_of(c), "layers",
      (json_int_t)d->layers, "hidden", (json_int_t)d->hidden, "heads", (json_int_t)d->heads,
      "kv_heads", (json_int_t)d->kv_heads, "head", (json_int_t)d->head, "intermediate",
      (json_int_t)d->intermediate, "vocab", (json_int_t)d->vocab, "vision", "layers",
      (json_int_t)v->layers, "hidden", (json_int_t)v->hidden, "heads", (json_int_t)v->heads, "head",
      (json_int_t)v->head, "intermediate", (json_int_t)v->intermediate, "patch",
      (json_int_t)v->patch, "autoencoder", "channels", channels_json(&c->vae), "latent",
      (json_int_t)c->vae.z, "picture", "width", (json_int_t)c->picture.width, "height",
      (json_int_t)c->picture.height, "latent_side", (json_int_t)c->picture.latent_side, "tokens",
      (json_int_t)f->tokens, "weights", sums_json(f), "findings", findings_json(f));
}

static int run(const mcl_env *env, mcl_options *o, motcl_err *err) {
  folder f = {.dir = o->words[0], .good = true};
  (void)env;
  if (mcl_is_picture(f.dir))
    return mcl_inspect_picture(f.dir, o->json, err);
  int rc = mcl_model_look(&f.model, f.dir, &f.finding, &f.findings, err);
  if (rc != MOTCL_OK)
    return rc;
  add_up(&f);
  look_at_tokenizer(&f);
  look_at_note(&f);
  f.good = f.tok_err.code == MOTCL_OK;
  for (size_t i = 0; i < f.findings; i++)
    f.good = f.good && !f.finding[i].error;
  if (o->json)
    rc = mcl_print_json(to_json(&f), err);
  else
    print_text(&f);
  if (rc == MOTCL_OK && !f.good)
    rc = mcl_fail(err, MOTCL_EMODEL, "%.300s cannot be used as it is; see what is listed", f.dir);
  json_decref(f.own);
  mcl_model_close(f.model);
  return rc;
}

const mcl_command mcl_command_inspect = {
    .name = "inspect",
    .words = "MODEL | PICTURE",
    .about = "what a model folder holds and lacks, or how a picture was made",
    .notes = "Exit status 1 tells a folder that cannot be used. Of a picture file, or of - on\n"
             "stdin, it shows what it says of its making; 'motcl run --like' makes it again.",
    .bit = MCL_CMD_INSPECT,
    .takes = MCL_CMD_INSPECT,
    .least = 1,
    .most = 1,
    .run = run,
    .examples = {{"motcl inspect BAGEL-7B-MoT",
                  "see whether a folder can be used, and what it lacks"},
                 {"motcl inspect fox.png", "prompt, seed and settings of a picture"}},
};
