/* inspect.c - what a model holds, as JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/library.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/name.h"
#include "model/report.h"

#define NUMBER(n) json_integer((json_int_t)(n))

/* Put a value into an object, or take down that memory was out. */
static void put(json_t *to, const char *key, json_t *value, bool *ok) {
  if (json_object_set_new(to, key, value) != 0)
    *ok = false;
}

/* A text; file names need be no UTF-8, and such a one is written as shells write it. */
static json_t *text_of(const char *s) {
  size_t size = 4 * strlen(s) + 4;
  json_t *value = json_string(s);
  char *plain = value ? NULL : mcl_alloc(size, 1);
  if (!plain)
    return value;
  mcl_name_text(plain, size, s, strlen(s), false);
  value = json_string(plain);
  mcl_free(plain);
  return value;
}

static json_t *decoder_of(const mcl_config *c, bool *ok) {
  static const char *const kinds[] = {[MCL_DENSE] = "Dense", [MCL_MOE] = "MoE", [MCL_MOT] = "MoT"};
  const mcl_decoder_config *d = &c->decoder;
  json_t *j = json_object();
  put(j, "kind", json_string(kinds[d->kind]), ok);
  put(j, "layers", NUMBER(d->layers), ok);
  put(j, "hidden", NUMBER(d->hidden), ok);
  put(j, "heads", NUMBER(d->heads), ok);
  put(j, "kv_heads", NUMBER(d->kv_heads), ok);
  put(j, "head", NUMBER(d->head), ok);
  put(j, "intermediate", NUMBER(d->intermediate), ok);
  put(j, "vocab", NUMBER(d->vocab), ok);
  return j;
}

static json_t *vision_of(const mcl_config *c, bool *ok) {
  const mcl_vision_config *v = &c->vision;
  json_t *j = json_object();
  put(j, "layers", NUMBER(v->layers), ok);
  put(j, "hidden", NUMBER(v->hidden), ok);
  put(j, "heads", NUMBER(v->heads), ok);
  put(j, "head", NUMBER(v->head), ok);
  put(j, "intermediate", NUMBER(v->intermediate), ok);
  put(j, "patch", NUMBER(v->patch), ok);
  put(j, "side", NUMBER(v->side), ok);
  return j;
}

static json_t *vae_of(const mcl_config *c, bool *ok) {
  const mcl_vae_config *a = &c->vae;
  json_t *j = json_object(), *channels = json_array();
  for (uint32_t i = 0; i < a->levels; i++)
    if (json_array_append_new(channels, NUMBER(a->channels[i])) != 0)
      *ok = false;
  put(j, "channels", channels, ok);
  put(j, "latent", NUMBER(a->z), ok);
  return j;
}

/* A latent position is 2^(levels-1) pixels wide. */
static json_t *picture_of(const mcl_config *c, bool *ok) {
  const mcl_picture_config *p = &c->picture;
  json_t *j = json_object();
  put(j, "width", NUMBER(p->width), ok);
  put(j, "height", NUMBER(p->height), ok);
  put(j, "latent_side", NUMBER(p->latent_side), ok);
  put(j, "most",
      NUMBER((uint64_t)p->latent_side * p->patch << (c->vae.levels ? c->vae.levels - 1 : 0)), ok);
  return j;
}

static json_t *types_of(unsigned types) {
  char text[64] = "";
  size_t n = 0;
  for (int t = 0; t < MCL_TYPE_COUNT; t++)
    if (types >> t & 1 && n < sizeof text)
      n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n ? " " : "",
                            mcl_type_name((mcl_type)t));
  return json_string(text);
}

static json_t *sum_of(const mcl_part_sum *s, bool *ok) {
  json_t *j = json_object();
  put(j, "tensors", NUMBER(s->tensors), ok);
  put(j, "parameters", NUMBER(s->parameters), ok);
  put(j, "bytes", NUMBER(s->bytes), ok);
  put(j, "types", types_of(s->types), ok);
  return j;
}

static json_t *weights_of(const mcl_report *r, bool *ok) {
  static const char *const names[MCL_PART_COUNT] = {
      [MCL_PART_UND] = "und expert",        [MCL_PART_GEN] = "gen expert",
      [MCL_PART_BOTH] = "both experts",     [MCL_PART_BRIDGES] = "bridges",
      [MCL_PART_VISION] = "vision encoder", [MCL_PART_VAE] = "autoencoder"};
  json_t *all = json_object();
  for (int i = 0; i < MCL_PART_COUNT; i++)
    put(all, names[i], sum_of(&r->sum[i], ok), ok);
  return all;
}

static json_t *total_of(const mcl_report *r, bool *ok) {
  mcl_part_sum all = {0};
  for (int i = 0; i < MCL_PART_COUNT; i++) {
    all.tensors += r->sum[i].tensors;
    all.parameters += r->sum[i].parameters;
    all.bytes += r->sum[i].bytes;
    all.types |= r->sum[i].types;
  }
  return sum_of(&all, ok);
}

static void add_finding(json_t *all, bool error, const char *text, bool *ok) {
  json_t *j = json_object();
  put(j, "error", json_boolean(error), ok);
  put(j, "text", text_of(text), ok);
  if (json_array_append_new(all, j) != 0)
    *ok = false;
}

static json_t *findings_of(const mcl_report *r, bool *ok) {
  json_t *all = json_array();
  for (size_t i = 0; i < r->findings; i++)
    add_finding(all, r->finding[i].error, r->finding[i].text, ok);
  if (r->tok_err.code != MOTCL_OK)
    add_finding(all, true, r->tok_err.text, ok);
  return all;
}

/* The last part of a path. */
static const char *leaf(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static json_t *check_of(const mcl_check *c, bool *ok) {
  json_t *j = json_object(), *files = json_array();
  put(j, "tensors", NUMBER(c->tensors), ok);
  put(j, "bytes", NUMBER(c->bytes), ok);
  for (size_t i = 0; i < c->files; i++) {
    json_t *file = json_object();
    put(file, "name", text_of(leaf(c->file[i].path)), ok);
    put(file, "bytes", NUMBER(c->file[i].bytes), ok);
    put(file, "sha256", json_string(c->file[i].sha256), ok);
    if (json_array_append_new(files, file) != 0)
      *ok = false;
  }
  put(j, "files", files, ok);
  return j;
}

static json_t *protocol_of(const mcl_model *m, bool *ok) {
  json_t *j = json_object();
  put(j, "name", json_string(m->protocol->name), ok);
  put(j, "about", json_string(m->protocol->about), ok);
  put(j, "why", json_string(m->protocol_why), ok);
  return j;
}

static json_t *names_of(const mcl_model *m, bool *ok) {
  json_t *j = json_object();
  put(j, "decoder", text_of(m->decoder_file), ok);
  put(j, "autoencoder", m->vae_file ? text_of(m->vae_file) : json_null(), ok);
  return j;
}

static json_t *tree_of(const mcl_report *r, const char *path, bool *ok) {
  const mcl_config *c = &r->model->config;
  json_t *j = json_object();
  put(j, "folder", text_of(path), ok);
  put(j, "files", names_of(r->model, ok), ok);
  put(j, "note", r->note ? json_string(r->note) : json_null(), ok);
  put(j, "protocol", protocol_of(r->model, ok), ok);
  put(j, "usable", json_boolean(r->usable), ok);
  put(j, "can_see", json_boolean(r->model->can_see), ok);
  put(j, "can_draw", json_boolean(r->model->can_draw), ok);
  put(j, "decoder", decoder_of(c, ok), ok);
  put(j, "vision", vision_of(c, ok), ok);
  put(j, "autoencoder", vae_of(c, ok), ok);
  put(j, "picture", picture_of(c, ok), ok);
  put(j, "tokens", NUMBER(r->tokens), ok);
  put(j, "weights", weights_of(r, ok), ok);
  put(j, "total", total_of(r, ok), ok);
  put(j, "computed", sum_of(&r->computed, ok), ok);
  put(j, "digest", *r->digest ? json_string(r->digest) : json_null(), ok);
  put(j, "findings", findings_of(r, ok), ok);
  if (r->check.files)
    put(j, "check", check_of(&r->check, ok), ok);
  return j;
}

static int print(char **out, const mcl_report *r, const char *path, motcl_err *err) {
  bool ok = true;
  json_t *tree = tree_of(r, path, &ok);
  char *text = ok ? json_dumps(tree, JSON_INDENT(2)) : NULL; /* of jansson's own memory */
  json_decref(tree);
  char *copy = text ? mcl_strdup(text) : NULL;
  free(text);
  if (!copy)
    return mcl_fail_nomem(err, 1);
  *out = copy;
  return MOTCL_OK;
}

static int look(const motcl *m, const char *path, bool whole, mcl_progress_fn progress, void *user,
                char **json, motcl_err *err) {
  mcl_report r;
  mcl_scope before = mcl_enter(m);
  int rc = mcl_report_init(&r, path, err);
  if (rc == MOTCL_OK) {
    rc = whole ? mcl_report_check(&r, progress, user, err) : MOTCL_OK;
    if (rc == MOTCL_OK)
      rc = print(json, &r, path, err);
    mcl_report_finish(&r);
  }
  mcl_leave(before);
  return rc;
}

int motcl_inspect(const motcl *m, const char *path, char **json, motcl_err *err) {
  return look(m, path, false, NULL, NULL, json, err);
}

int motcl_inspect_check(const motcl *m, const char *path,
                        bool (*progress)(void *user, uint64_t done, uint64_t of), void *user,
                        char **json, motcl_err *err) {
  return look(m, path, true, progress, user, json, err);
}
