/* recipe_read.c - lines of metadata back to a request. A file's word is taken for nothing: numbers
 * are held against the ranges of requests, lengths against the text that is there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "io/json.h"
#include "job/message/codec.h"
#include "job/recipe.h"
#include "session/items.h"

typedef struct reader {
  mcl_recipe *r;
  const motcl_line *line;
  size_t n;
  motcl_err *err;
} reader;

/* The value of a line, or NULL; two of one key are refused. */
static int find(const reader *in, const char *key, const char **value) {
  *value = NULL;
  for (size_t i = 0; i < in->n; i++) {
    if (strcmp(in->line[i].key, key) != 0)
      continue;
    if (*value)
      return mcl_fail(in->err, MOTCL_EFORMAT, "the picture's metadata have two lines '%s'", key);
    *value = in->line[i].value;
  }
  return MOTCL_OK;
}

static int find_needed(const reader *in, const char *key, const char **value) {
  int rc = find(in, key, value);
  if (rc == MOTCL_OK && !*value)
    return mcl_fail(in->err, MOTCL_EFORMAT,
                    "the picture does not say how it was made (there is no line '%s'); only one "
                    "that motcl drew, and that says so, can be made again",
                    key);
  return rc;
}

static int keep(char **to, const char *text, motcl_err *err) {
  *to = mcl_strdup(text);
  return *to ? MOTCL_OK : mcl_fail_nomem(err, strlen(text) + 1);
}

/* Digits and nothing else, up to `stop`; 0 digits are none. */
static bool read_digits(const char **at, char stop, uint64_t *out) {
  uint64_t v = 0;
  const char *s = *at;
  if (*s < '0' || *s > '9')
    return false;
  for (; *s >= '0' && *s <= '9'; s++) {
    uint64_t digit = (uint64_t)(*s - '0');
    if (v > (UINT64_MAX - digit) / 10)
      return false;
    v = 10 * v + digit;
  }
  if (*s != stop)
    return false;
  *at = s + (stop != 0);
  *out = v;
  return true;
}

static int read_seed(const reader *in) {
  const char *text;
  int rc = find_needed(in, "seed", &text);
  if (rc == MOTCL_OK && !read_digits(&text, 0, &in->r->request.seed))
    return mcl_fail(in->err, MOTCL_EFORMAT, "the picture's seed is '%.40s', no whole number", text);
  return rc;
}

/* ---- settings ---- */

static int check_keys(const json_t *j, motcl_err *err) {
  static const char *const known[] = {
      "size",         "timesteps",  "shift",          "cfg-text",       "cfg-image",
      "cfg-interval", "cfg-renorm", "cfg-renorm-min", "think",          "max-think-tokens",
      "temperature",  "vae-sample", "noise",          "no-auto-orient", "negative",
      "top-k",        "top-p",      "min-p",          "repeat-penalty", "protocol"};
  for (void *i = json_object_iter((json_t *)(uintptr_t)j); i;
       i = json_object_iter_next((json_t *)(uintptr_t)j, i)) {
    size_t k = 0, n = sizeof known / sizeof *known;
    while (k < n && strcmp(known[k], json_object_iter_key(i)) != 0)
      k++;
    if (k == n)
      return mcl_fail(err, MOTCL_EFORMAT, "there is a setting '%.40s', which this version lacks",
                      json_object_iter_key(i));
  }
  return MOTCL_OK;
}

static int read_size(motcl_settings *s, const json_t *j, motcl_err *err) {
  const char *text;
  uint64_t width, height;
  int rc = mcl_json_str(j, "size", &text, err);
  if (rc != MOTCL_OK)
    return rc;
  if (!read_digits(&text, 'x', &width) || !read_digits(&text, 0, &height) || !width || !height ||
      width > UINT32_MAX || height > UINT32_MAX)
    return mcl_fail(err, MOTCL_EFORMAT, "\"size\" is not WIDTHxHEIGHT");
  s->width = (uint32_t)width;
  s->height = (uint32_t)height;
  return MOTCL_OK;
}

static int read_interval(motcl_guidance *g, const json_t *j, motcl_err *err) {
  const json_t *both;
  int rc = mcl_json_array(j, "cfg-interval", &both, err);
  if (rc != MOTCL_OK)
    return rc;
  if (json_array_size(both) != 2 || !json_is_number(json_array_get(both, 0)) ||
      !json_is_number(json_array_get(both, 1)))
    return mcl_fail(err, MOTCL_EFORMAT, "\"cfg-interval\" is not two numbers");
  g->lo = json_number_value(json_array_get(both, 0));
  g->hi = json_number_value(json_array_get(both, 1));
  return MOTCL_OK;
}

static int read_guidance(motcl_guidance *g, const json_t *j, motcl_err *err) {
  const char *name;
  int rc;
  if ((rc = mcl_json_f64(j, "cfg-text", 0, 1000, &g->text_scale, err)) != MOTCL_OK ||
      (rc = mcl_json_f64(j, "cfg-image", 0, 1000, &g->image_scale, err)) != MOTCL_OK ||
      (rc = mcl_json_f64(j, "cfg-renorm-min", 0, 1, &g->renorm_min, err)) != MOTCL_OK ||
      (rc = read_interval(g, j, err)) != MOTCL_OK ||
      (rc = mcl_json_str(j, "cfg-renorm", &name, err)) != MOTCL_OK)
    return rc;
  if (!motcl_renorm_parse(name, &g->renorm))
    return mcl_fail(err, MOTCL_EFORMAT, "there is no renormalisation '%.40s'", name);
  return MOTCL_OK;
}

static bool read_hash(const char *text, uint64_t *out) {
  if (strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16)
    return false;
  *out = strtoull(text, NULL, 16);
  return true;
}

static int read_noise(mcl_recipe *r, const json_t *j, motcl_err *err) {
  const char *text;
  int rc = mcl_json_str_or(j, "noise", NULL, &text, err);
  if (rc != MOTCL_OK || !text)
    return rc;
  r->noise = true;
  return read_hash(text, &r->noise_hash)
             ? MOTCL_OK
             : mcl_fail(err, MOTCL_EFORMAT, "\"noise\" is no hash of 16 digits");
}

/* One that has words stands in a line of its own. */
static int read_empty_negative(motcl_settings *s, const json_t *j, motcl_err *err) {
  int rc = mcl_json_str_or(j, "negative", NULL, &s->negative, err);
  if (rc != MOTCL_OK || !s->negative)
    return rc;
  if (*s->negative)
    return mcl_fail(err, MOTCL_EFORMAT, "\"negative\" is not empty here");
  s->negative = "";
  return MOTCL_OK;
}

static int read_protocol(mcl_recipe *r, const json_t *j, motcl_err *err) {
  const char *text;
  int rc = mcl_json_str_or(j, "protocol", NULL, &text, err);
  if (rc != MOTCL_OK || !text)
    return rc;
  rc = keep(&r->protocol, text, err);
  r->request.settings.protocol = r->protocol;
  return rc;
}

static int read_values(mcl_recipe *r, const json_t *j, motcl_err *err) {
  motcl_settings *s = &r->request.settings;
  int rc;
  if ((rc = check_keys(j, err)) != MOTCL_OK || (rc = read_size(s, j, err)) != MOTCL_OK ||
      (rc = mcl_json_u32(j, "timesteps", 2, 10000, &s->timesteps, err)) != MOTCL_OK ||
      (rc = mcl_json_f64(j, "shift", 0.001, 1000, &s->shift, err)) != MOTCL_OK ||
      (rc = read_guidance(&s->guidance, j, err)) != MOTCL_OK ||
      (rc = mcl_json_bool_or(j, "think", false, &s->think, err)) != MOTCL_OK ||
      (rc = mcl_json_bool_or(j, "vae-sample", false, &s->vae_sample, err)) != MOTCL_OK ||
      (rc = mcl_json_bool_or(j, "no-auto-orient", false, &s->no_orient, err)) != MOTCL_OK ||
      (rc = mcl_json_f64_or(j, "temperature", 0, 1000, 0, &s->temperature, err)) != MOTCL_OK ||
      (rc = mcl_json_u32_or(j, "top-k", 0, UINT32_MAX, 0, &s->top_k, err)) != MOTCL_OK ||
      (rc = mcl_json_f64_or(j, "top-p", 0, 1, 0, &s->top_p, err)) != MOTCL_OK ||
      (rc = mcl_json_f64_or(j, "min-p", 0, 1, 0, &s->min_p, err)) != MOTCL_OK ||
      (rc = mcl_json_f64_or(j, "repeat-penalty", 0, 100, 0, &s->repeat_penalty, err)) != MOTCL_OK ||
      (rc = mcl_json_u32_or(j, "max-think-tokens", 1, 1u << 20, s->max_think, &s->max_think,
                            err)) != MOTCL_OK ||
      (rc = read_empty_negative(s, j, err)) != MOTCL_OK ||
      (rc = read_protocol(r, j, err)) != MOTCL_OK)
    return rc;
  return read_noise(r, j, err);
}

static int read_settings(const reader *in) {
  const char *text;
  json_t *j;
  int rc = find_needed(in, "settings", &text);
  if (rc != MOTCL_OK)
    return rc;
  rc = mcl_json_parse(&j, text, strlen(text), "settings", in->err);
  if (rc == MOTCL_OK) {
    rc = read_values(in->r, j, in->err);
    json_decref(j);
  }
  return rc == MOTCL_OK || rc == MOTCL_ENOMEM
             ? rc
             : mcl_err_prefix(in->err, rc, "the picture's settings cannot be read");
}

/* ---- parts ---- */

static int make_parts(mcl_recipe *r, size_t n, motcl_err *err) {
  r->part = mcl_zalloc(n, sizeof *r->part);
  r->hash = mcl_zalloc(n, sizeof *r->hash);
  if (!r->part || !r->hash)
    return mcl_fail_nomem(err, n * sizeof *r->part);
  r->request.part = r->part;
  r->request.parts = n;
  return MOTCL_OK;
}

static int fail_part_at(const char *where, const reader *in, size_t i) {
  return mcl_fail_at(in->err, MOTCL_EFORMAT, 0, where,
                     "the picture's metadata contradict themselves: part %zu is neither a piece of "
                     "the prompt nor a picture",
                     i + 1);
}
#define fail_part(...) fail_part_at(__func__, __VA_ARGS__)

/* So many bytes at *at of the prompt, and what stands between them and the next. Returns whether they
 * are there. */
static bool read_piece(const json_t *bytes, json_int_t least, char **at, size_t *size) {
  json_int_t n = json_integer_value(bytes);
  size_t left = strlen(*at);
  if (!json_is_integer(bytes) || n < least || (uint64_t)n > left || ((*at)[n] && (*at)[n] != '\n'))
    return false;
  *size = (size_t)n;
  *at += (size_t)n + ((*at)[n] == '\n');
  return true;
}

/* A text or answer. The pieces of an answer become one with NULs between them: what stood there. */
static int read_text(const reader *in, size_t i, const json_t *bytes, motcl_part_kind kind,
                     char **at) {
  motcl_part *part = &in->r->part[i];
  size_t pieces = kind == MOTCL_PART_ANSWER ? json_array_size(bytes) : 0;
  *part = (motcl_part){.kind = kind, .data = *at};
  if (!pieces)
    return read_piece(bytes, kind != MOTCL_PART_ANSWER, at, &part->size) ? MOTCL_OK
                                                                         : fail_part(in, i);
  for (size_t k = 0; k < pieces; k++) {
    const bool last = k + 1 == pieces;
    const char *begin = *at;
    size_t n;
    if (!read_piece(json_array_get(bytes, k), 0, at, &n) || (!last && *at == begin + n))
      return fail_part(in, i);
    if (!last)
      (*at)[-1] = 0;
    part->size += n + !last;
  }
  return MOTCL_OK;
}

static int read_part(const reader *in, size_t i, const json_t *j, char **at) {
  const json_t *value = NULL;
  motcl_part_kind kind = MOTCL_PART_TEXT;
  const char *word, *hash;
  for (; !value && (word = mcl_recipe_word(kind)); kind++)
    value = json_object_get(j, word);
  if (json_object_size(j) != 1 || !value)
    return fail_part(in, i);
  kind--;
  if (kind != MOTCL_PART_PICTURE)
    return read_text(in, i, value, kind, at);
  hash = json_string_value(value);
  if (!hash || !read_hash(hash, &in->r->hash[i]))
    return fail_part(in, i);
  in->r->part[i].kind = kind;
  return MOTCL_OK;
}

static int read_list(const reader *in, const json_t *j) {
  char *at = in->r->text;
  size_t n = json_array_size(j);
  if (!n || n > MCL_JOB_MAX_PARTS)
    return mcl_fail(in->err, MOTCL_EFORMAT, "the picture's parts are no list of 1 to %d",
                    MCL_JOB_MAX_PARTS);
  int rc = make_parts(in->r, n, in->err);
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++)
    rc = read_part(in, i, json_array_get(j, i), &at);
  return rc == MOTCL_OK && *at ? fail_part(in, n) : rc;
}

static int read_parts(const reader *in) {
  mcl_recipe *r = in->r;
  const char *prompt, *parts;
  json_t *j;
  int rc;
  if ((rc = find(in, "parts", &parts)) != MOTCL_OK ||
      (rc = parts ? find(in, "prompt", &prompt) : find_needed(in, "prompt", &prompt)) != MOTCL_OK ||
      (rc = keep(&r->text, prompt ? prompt : "", in->err)) != MOTCL_OK)
    return rc;
  if (!parts) {
    rc = make_parts(r, 1, in->err);
    if (rc == MOTCL_OK)
      r->part[0] = (motcl_part){.kind = MOTCL_PART_TEXT, .data = r->text, .size = strlen(r->text)};
    return rc;
  }
  rc = mcl_json_parse(&j, parts, strlen(parts), "parts", in->err);
  if (rc != MOTCL_OK)
    return rc;
  rc = read_list(in, j);
  json_decref(j);
  return rc;
}

static int read_negative(const reader *in) {
  motcl_settings *s = &in->r->request.settings;
  const char *text;
  int rc = find(in, "negative", &text);
  if (rc != MOTCL_OK || !text)
    return rc;
  if (s->negative)
    return mcl_fail(in->err, MOTCL_EFORMAT,
                    "the picture's metadata contradict themselves: a line 'negative' and an empty "
                    "negative text");
  rc = keep(&in->r->negative, text, in->err);
  s->negative = in->r->negative;
  return rc;
}

/* "" where there is no such line. */
static int keep_line(const reader *in, const char *key, char **to) {
  const char *text;
  int rc = find(in, key, &text);
  return rc == MOTCL_OK ? keep(to, text ? text : "", in->err) : rc;
}

static int read_maker(const reader *in) {
  int rc = keep_line(in, "model", &in->r->model);
  if (rc == MOTCL_OK)
    rc = keep_line(in, "model-digest", &in->r->digest);
  return rc == MOTCL_OK ? keep_line(in, "fingerprint", &in->r->fingerprint) : rc;
}

/* ---- */

static int check(const mcl_recipe *r, motcl_err *err) {
  motcl_err why = {0};
  motcl_request whole = r->request;
  whole.output = &r->output;
  whole.outputs = 1;
  if (motcl_request_check(&whole, &why) == MOTCL_OK)
    return MOTCL_OK;
  return mcl_fail(err, MOTCL_EFORMAT, "the picture's settings cannot be: %s", why.text);
}

int mcl_recipe_read(mcl_recipe *out, const motcl_line *line, size_t n, motcl_err *err) {
  mcl_recipe r = {.output = MOTCL_OUTPUT_PICTURE};
  reader in = {&r, line, n, err};
  int rc = read_parts(&in);
  motcl_request defaults = motcl_request_default(mcl_request_shows(&r.request));
  r.request.settings = defaults.settings;
  if (rc == MOTCL_OK)
    rc = read_seed(&in);
  if (rc == MOTCL_OK)
    rc = read_settings(&in);
  if (rc == MOTCL_OK)
    rc = read_negative(&in);
  if (rc == MOTCL_OK)
    rc = read_maker(&in);
  if (rc == MOTCL_OK)
    rc = check(&r, err);
  if (rc != MOTCL_OK) {
    mcl_recipe_finish(&r);
    return rc;
  }
  *out = r;
  out->request.output = &out->output;
  out->request.outputs = 1;
  return MOTCL_OK;
}

void mcl_recipe_finish(mcl_recipe *r) {
  mcl_free(r->part);
  mcl_free(r->hash);
  mcl_free(r->text);
  mcl_free(r->negative);
  mcl_free(r->protocol);
  mcl_free(r->model);
  mcl_free(r->digest);
  mcl_free(r->fingerprint);
  memset(r, 0, sizeof *r);
}

size_t mcl_recipe_missing(const mcl_recipe *r) {
  size_t n = 0;
  for (size_t i = 0; i < r->request.parts; i++)
    n += r->part[i].kind == MOTCL_PART_PICTURE && !r->part[i].data;
  return n;
}

int mcl_recipe_picture(mcl_recipe *r, const motcl_part *picture, motcl_err *err) {
  const char *name = picture->name ? picture->name : "a picture";
  size_t i = 0;
  while (i < r->request.parts && (r->part[i].kind != MOTCL_PART_PICTURE || r->part[i].data))
    i++;
  if (i == r->request.parts)
    return mcl_fail(err, MOTCL_EINVAL, "'%.200s' is one picture more than were drawn from", name);
  if (mcl_hash64(picture->data, picture->size) != r->hash[i])
    return mcl_fail(err, MOTCL_EINVAL,
                    "'%.200s' is not the file that stood at place %zu when the picture was drawn; "
                    "give the same files in the same order",
                    name, i + 1);
  r->part[i] = *picture;
  return MOTCL_OK;
}

int mcl_recipe_noise(mcl_recipe *r, const float *noise, size_t count, motcl_err *err) {
  if (r->noise && mcl_hash64(noise, count * sizeof *noise) != r->noise_hash)
    return mcl_fail(err, MOTCL_EINVAL, "the noise is not that which the picture was drawn from");
  r->noise = false;
  r->request.settings.noise = noise;
  r->request.settings.noise_count = count;
  return MOTCL_OK;
}
