/* recipe_write.c - prompt, seed and settings as lines of text. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/version.h"
#include "io/json.h"
#include "job/recipe.h"

enum { MOST_LINES = 7 };

static int join_texts(char **out, const motcl_request *r, motcl_err *err) {
  size_t total = 1;
  for (size_t i = 0; i < r->parts; i++)
    if (r->part[i].kind != MOTCL_PART_PICTURE && !mcl_add_ok(total, r->part[i].size + 1, &total))
      return mcl_fail_nomem(err, total);
  char *p = mcl_alloc(total, 1), *at = p;
  bool first = true;
  if (!p)
    return mcl_fail_nomem(err, total);
  for (size_t i = 0; i < r->parts; i++) {
    if (r->part[i].kind == MOTCL_PART_PICTURE)
      continue;
    if (!first)
      *at++ = '\n';
    first = false;
    if (r->part[i].size)
      memcpy(at, r->part[i].data, r->part[i].size);
    at += r->part[i].size;
  }
  *at = 0;
  *out = p;
  return MOTCL_OK;
}

static json_t *hash_json(const void *data, size_t n) {
  char text[17];
  snprintf(text, sizeof text, "%016" PRIx64, mcl_hash64(data, n));
  return json_string(text);
}

const char *mcl_recipe_word(motcl_part_kind kind) {
  static const char *const word[] = {[MOTCL_PART_TEXT] = "text",
                                     [MOTCL_PART_PICTURE] = "picture",
                                     [MOTCL_PART_ANSWER] = "answer",
                                     [MOTCL_PART_SYSTEM] = "system"};
  return (unsigned)kind < sizeof word / sizeof *word ? word[kind] : NULL;
}

/* A text that C strings cannot hold shows by its length that it is not what prompt says. */
static bool is_plain(const motcl_request *r) {
  return r->parts == 1 && r->part[0].kind == MOTCL_PART_TEXT &&
         !memchr(r->part[0].data, 0, r->part[0].size);
}

static json_t *parts_json(const motcl_request *r) {
  json_t *all = json_array();
  bool ok = all != NULL;
  for (size_t i = 0; i < r->parts && ok; i++) {
    const motcl_part *p = &r->part[i];
    ok = json_array_append_new(
             all,
             p->kind != MOTCL_PART_PICTURE
                 ? json_pack("{s:I}", mcl_recipe_word(p->kind), (json_int_t)p->size)
                 : json_pack("{s:o}", mcl_recipe_word(p->kind), hash_json(p->data, p->size))) == 0;
  }
  if (ok)
    return all;
  json_decref(all);
  return NULL;
}

static json_t *settings_json(const motcl_request *r, uint32_t width, uint32_t height) {
  const motcl_settings *s = &r->settings;
  const motcl_guidance *g = &s->guidance;
  char size[32];
  snprintf(size, sizeof size, "%ux%u", width, height);
  json_t *j =
      json_pack("{s:s, s:I, s:f, s:f, s:f, s:[f,f], s:s, s:f, s:b}", "size", size, "timesteps",
                (json_int_t)s->timesteps, "shift", s->shift, "cfg-text", g->text_scale, "cfg-image",
                g->image_scale, "cfg-interval", g->lo, g->hi, "cfg-renorm",
                motcl_renorm_name(g->renorm), "cfg-renorm-min", g->renorm_min, "think", s->think);
  int bad = !j;
  if (s->think) {
    bad |= json_object_set_new(j, "max-think-tokens", json_integer(s->max_think));
    bad |= json_object_set_new(j, "temperature", json_real(s->temperature));
  }
  if (s->vae_sample)
    bad |= json_object_set_new(j, "vae-sample", json_true());
  if (s->no_orient)
    bad |= json_object_set_new(j, "no-auto-orient", json_true());
  if (s->noise)
    bad |= json_object_set_new(j, "noise", hash_json(s->noise, s->noise_count * sizeof *s->noise));
  if (!bad)
    return j;
  json_decref(j);
  return NULL;
}

/* The numbers that settings hold. */
enum { NUMBERS = 7 };
static void find_numbers(double out[NUMBERS], const motcl_settings *s) {
  const motcl_guidance *g = &s->guidance;
  const double all[NUMBERS] = {s->shift, s->temperature, g->text_scale, g->image_scale,
                               g->lo,    g->hi,          g->renorm_min};
  memcpy(out, all, sizeof all);
}

/* The fewest digits that read back as the same numbers. */
static size_t digits_for(const motcl_settings *s) {
  double all[NUMBERS];
  char text[40];
  size_t digits = 6;
  find_numbers(all, s);
  for (size_t i = 0; i < NUMBERS; i++)
    for (; digits < 17; digits++) {
      snprintf(text, sizeof text, "%.*g", (int)digits, all[i]);
      if (strtod(text, NULL) == all[i])
        break;
    }
  return digits;
}

static size_t line_bytes(const motcl_line *line) {
  return *line->value ? strlen(line->key) + strlen(line->value) + 2 : 0;
}

static const char *put(char **at, const char *text) {
  char *to = *at;
  size_t n = strlen(text) + 1;
  memcpy(to, text, n);
  *at += n;
  return to;
}

/* Those of n lines that say something, in one block. */
static int pack(motcl_line **out, size_t *count, const motcl_line *line, size_t n, motcl_err *err) {
  size_t bytes = n * sizeof *line, used = 0;
  for (size_t i = 0; i < n; i++)
    if (!mcl_add_ok(bytes, line_bytes(&line[i]), &bytes))
      return mcl_fail_nomem(err, SIZE_MAX);
  motcl_line *copy = mcl_alloc(bytes, 1);
  if (!copy)
    return mcl_fail_nomem(err, bytes);
  char *at = (char *)(copy + n);
  for (size_t i = 0; i < n; i++)
    if (*line[i].value) {
      copy[used].key = put(&at, line[i].key);
      copy[used++].value = put(&at, line[i].value);
    }
  *out = copy;
  *count = used;
  return MOTCL_OK;
}

static int check(const motcl_request *r, motcl_err *err) {
  double all[NUMBERS];
  if (r->items)
    return mcl_fail(err, MOTCL_EINVAL,
                    "a request of items is none for one picture; motcl_request_alone gives that");
  find_numbers(all, &r->settings);
  for (size_t i = 0; i < NUMBERS; i++)
    if (!(all[i] >= -1e300 && all[i] <= 1e300))
      return mcl_fail(err, MOTCL_EINVAL, "a setting of the request is no number");
  return MOTCL_OK;
}

int mcl_recipe_lines(motcl_line **out, size_t *n, const motcl_request *r, uint32_t width,
                     uint32_t height, const char *fingerprint, motcl_err *err) {
  char software[64], seed[24], *prompt = NULL;
  int rc = check(r, err);
  if (rc == MOTCL_OK)
    rc = join_texts(&prompt, r, err);
  if (rc != MOTCL_OK)
    return rc;
  json_t *settings_j = settings_json(r, width, height);
  json_t *parts_j = is_plain(r) ? NULL : parts_json(r);
  char *settings =
      settings_j ? mcl_json_print(settings_j, JSON_REAL_PRECISION(digits_for(&r->settings))) : NULL;
  char *parts = parts_j ? mcl_json_print(parts_j, 0) : NULL;
  snprintf(software, sizeof software, "motcl %s", mcl_version);
  snprintf(seed, sizeof seed, "%" PRIu64, r->seed);
  const motcl_line line[MOST_LINES] = {
      {"Software", software},
      {"prompt", prompt},
      {"negative", r->settings.negative ? r->settings.negative : ""},
      {"parts", parts ? parts : ""},
      {"seed", seed},
      {"settings", settings},
      {"fingerprint", fingerprint ? fingerprint : ""}};
  if (!settings || (!parts && !is_plain(r)))
    rc = mcl_fail_nomem(err, 1);
  else
    rc = pack(out, n, line, MOST_LINES, err);
  json_decref(settings_j);
  json_decref(parts_j);
  mcl_free(settings);
  mcl_free(parts);
  mcl_free(prompt);
  return rc;
}
